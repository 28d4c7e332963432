import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { completeLiquidation } from "../../../src/complete-liquidation.ts";
import { distinctInFrame } from "../../../src/exchanges/decoding/event-id.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { FilledGap, Gap } from "../../../src/gap.ts";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import { SECOND_MS } from "../../../src/windows/calendar.ts";
import type { SimulatedVenue } from "../../market-simulation/market-model.ts";
import { published } from "../../market-simulation/published-events.ts";
import { throughHub } from "../../market-simulation/through-hub.ts";
import { createRandom } from "../../simulator/random.ts";
import { filledGaps, isBackfilled, randomGaps } from "./history-gaps.ts";
import { historyImpact, historyMarks } from "./history-marks.ts";
import { HistoryMarkets } from "./history-markets.ts";
import { historyRow, receiptOf } from "./history-row.ts";
import { type HistoricLiquidation, type PlayedMarket, type PlayOptions, playMarket } from "./play-market.ts";

export interface HistoryOptions extends PlayOptions {
  /** The configured venues. */
  readonly venues: readonly ExchangeName[];
}

/** What would have been collected over some days. */
export interface History {
  readonly startTime: number;
  readonly endTime: number;
  /** In order of receipt. */
  readonly liquidations: readonly Liquidation[];
  readonly minuteMarks: readonly MinuteMark[];
  /** Those within the history, oldest first. */
  readonly gaps: readonly FilledGap[];
  readonly cascades: readonly CascadeRecord[];
}

/** A venue's REST history is asked this long after its gap. */
const BACKFILL_MS = 2 * SECOND_MS;

/** A liquidation at its receipt. */
interface Received {
  readonly liquidation: HistoricLiquidation;
  readonly receivedTime: number;
  /** The gap it happened in, where the venue's history named it afterwards. */
  readonly gap: Gap | null;
}

/**
 * Some days of the simulated market as they would have been collected, the same for the same options: each venue publishes
 * what it publishes live, feeds have gaps, and the hub's own code follows the cascades.
 */
export function simulateHistory(options: HistoryOptions): History {
  const { seed, symbols, venues } = options;
  const market = playMarket(options);
  const { startTime, endTime } = market;
  const gaps = randomGaps(venues, startTime, endTime, seed);
  const ofVenues = market.liquidations.filter(({ exchange }) => venues.includes(exchange));
  const received = receive(published(ofVenues, { venues: venues.map(publishingVenue) }, createRandom(seed, "published")), gaps, endTime);
  const rows = collect(received, market, gaps, seed);
  const { rows: answered, transitions } = throughHub(rows, symbols, gaps);
  const filled = new Map<Gap, number>();
  for (const { gap } of received) if (gap !== null) filled.set(gap, (filled.get(gap) ?? 0) + 1);
  return {
    startTime,
    endTime,
    liquidations: answered.map((row) => ({ ...row, ...historyImpact(market, row) })),
    minuteMarks: historyMarks(market, gaps),
    gaps: filledGaps(gaps, filled),
    cascades: [...new Map(transitions.map(({ record }) => [record.cascade_id, record])).values()],
  };
}

function publishingVenue(exchange: ExchangeName): Pick<SimulatedVenue, "exchange" | "publishes"> {
  const { coverage } = exchanges[exchange];
  return { exchange, publishes: coverage.startsWith("largest_per") ? "largest" : coverage === "sampled" ? "any" : "all" };
}

/** What reached the feeds: all but what happened in a gap, unless the venue's history named it afterwards. */
function receive(liquidations: readonly HistoricLiquidation[], gaps: readonly Gap[], endTime: number): readonly Received[] {
  const ofVenue = Map.groupBy(gaps, ({ exchange }) => exchange);
  const received = liquidations.flatMap((liquidation): readonly Received[] => {
    const receivedTime = receiptOf(liquidation);
    const gap = ofVenue.get(liquidation.exchange)?.find((one) => receivedTime >= one.from_time && receivedTime < (one.to_time ?? endTime));
    if (gap === undefined) return [{ liquidation, receivedTime, gap: null }];
    return isBackfilled(gap) ? [{ liquidation, receivedTime: (gap.to_time ?? endTime) + BACKFILL_MS, gap }] : [];
  });
  return received.filter(({ receivedTime }) => receivedTime <= endTime).toSorted((a, b) => a.receivedTime - b.receivedTime);
}

/** The rows that the feeds would have made, without the fields of the hub. */
function collect(received: readonly Received[], market: PlayedMarket, gaps: readonly Gap[], seed: number): readonly Liquidation[] {
  const markets = new HistoryMarkets(market, seed);
  const waiting = new Map(Map.groupBy(gaps, ({ exchange }) => exchange));
  // Two that agree in everything are of one frame: all times of a step are the same.
  const ids = new Map<string, number>();
  return received.map(({ liquidation, receivedTime, gap }) => {
    const row = historyRow(liquidation);
    const ended = gap === null ? (waiting.get(row.exchange) ?? []).filter(({ to_time }) => (to_time ?? Infinity) <= receivedTime) : [];
    if (ended.length > 0) waiting.set(row.exchange, (waiting.get(row.exchange) ?? []).slice(ended.length));
    const last = ended.at(-1);
    return completeLiquidation(
      { ...row, event_id: distinctInFrame(row.event_id, ids) },
      {
        received_time: receivedTime,
        source: gap === null ? "stream" : "backfill",
        gap_before_ms: last === undefined ? 0 : (last.to_time ?? receivedTime) - last.from_time,
        ...markets.fieldsOf(row, liquidation.quote, receivedTime),
      },
    );
  });
}
