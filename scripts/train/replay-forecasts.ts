import { KnownGaps } from "../../src/backtest/known-gaps.ts";
import { replayDays } from "../../src/backtest/replay-days.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { flowUsd } from "../../src/flow-usd.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { ForecastCollector } from "../../src/training/forecast-collector.ts";
import type { CascadeStart, ForecastRow } from "../../src/training/forecast-row.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { MIN_UPTIME_SHARE, uptimeShare } from "../../src/windows/uptime-share.ts";
import { openSource } from "../backtest/open-source.ts";
import type { Options } from "../backtest/options.ts";
import { InputError } from "../backtest/sources/source.ts";
import { loadParquet } from "../parquet-module.ts";

export interface StoredForecasts {
  readonly rows: readonly ForecastRow[];
  readonly starts: readonly CascadeStart[];
  /** Liquidations whose five minutes too few venues covered. */
  readonly notCovered: number;
  /** Days of the range without stored data. */
  readonly missingDays: number;
  /** What a reader has to know of the data. */
  readonly notes: readonly string[];
}

/**
 * What the hub would have known at the stored liquidations, and the cascades that followed.
 * @throws {InputError} where nothing of the range is stored, or the data cannot be used
 */
export async function replayForecasts(options: Options): Promise<StoredForecasts> {
  loadParquet();
  const { judged, config } = options;
  const source = await openSource(options);
  try {
    const gaps = new KnownGaps();
    // Venues count by their USD, as live.
    const weights = new Map<ExchangeName, number>(publishingVenues(config).map((venue) => [venue, 0]));
    const isCovered = (range: TimeRange) => uptimeShare(gaps.overlapping(range, Infinity), weights, range) >= MIN_UPTIME_SHARE;
    const collector = new ForecastCollector(judged, isCovered);
    const days = await replayDays(
      {
        waiting: 0,
        putMarks: () => undefined,
        run(minute, received) {
          for (const event of received) {
            weights.set(event.exchange, (weights.get(event.exchange) ?? 0) + (flowUsd(event) ?? 0));
            collector.observe(event);
          }
          collector.advance(minute);
          return Promise.resolve();
        },
      },
      judged,
      source,
      gaps,
      publishingVenues(config),
    );
    const rows = collector.rowsBy(Infinity);
    if (rows.length === 0)
      throw new InputError(
        `${source.name} has no liquidation from ${new Date(judged.start).toISOString()} to ${new Date(judged.end).toISOString()}.`,
      );
    return { rows, starts: collector.starts, notCovered: collector.notCovered, missingDays: days.missing.length, notes: source.notes() };
  } finally {
    await source.close();
  }
}
