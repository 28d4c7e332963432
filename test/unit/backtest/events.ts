import { rulesAnalyst } from "../../../src/backtest/analyst.ts";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import { Replay, type ReplaySettings } from "../../../src/backtest/replay.ts";
import { replayDays } from "../../../src/backtest/replay-days.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import { DAY_MS, floorTo } from "../../../src/windows/calendar.ts";

/** 2026-11-20 00:00 UTC. */
export const DAY = Date.UTC(2026, 10, 20);

/** A time of that day, such as `10:12:30`. */
export function at(clock: string): number {
  return Date.parse(`2026-11-20T${clock.length === 5 ? `${clock}:00` : clock}Z`);
}

const EMPTY = Object.fromEntries(LIQUIDATION_FIELDS.map(({ name }) => [name, null])) as unknown as Liquidation;

/** A whole liquidation of 10,000 USD of longs on Binance, received a second after it happened. */
export function liquidation(event_time: number, changes: Partial<Liquidation> = {}): Liquidation {
  return {
    ...EMPTY,
    event_id: `binance:BTCUSDT:${event_time}`,
    exchange: "binance",
    instrument: "BTCUSDT",
    symbol: "BTC",
    quote: "USDT",
    event_time,
    received_time: event_time + 1_000,
    position_side: "long",
    order_side: "sell",
    price_kind: "average_fill",
    quantity: 100,
    usd_value: 10_000,
    notional_mark_usd: changes.usd_value === undefined ? 10_000 : changes.usd_value,
    mark_price: 100,
    mark_age_ms: 0,
    coverage: "largest_per_second",
    gap_before_ms: 0,
    source: "stream",
    schema_version: 1,
    adapter_version: 1,
    ...changes,
  };
}

const DEFAULT_RANGE = { start: DAY, end: DAY + DAY_MS };

/** A replay of the rule model, with the given settings in place of its own. */
export function replayWith(settings: Partial<ReplaySettings> = {}): Replay {
  const config = parseConfig({ LIQUIDATION_SYMBOLS: "BTC" });
  return new Replay({
    config,
    judged: DEFAULT_RANGE,
    gaps: new KnownGaps(),
    marks: new MarkBook(),
    marksFromEvents: true,
    analyst: rulesAnalyst,
    ...settings,
  });
}

/** A replay of these events as if they were stored, a day each, with its grades. */
export async function replayOf(events: readonly Liquidation[], settings: Partial<ReplaySettings> = {}): Promise<Replay> {
  const { judged = DEFAULT_RANGE, gaps = new KnownGaps() } = settings;
  const replay = replayWith({ ...settings, judged, gaps });
  const days = Map.groupBy(events, (event) => floorTo(event.event_time, DAY_MS));
  const readDay = (day: number) => {
    const stored = days.get(day);
    return Promise.resolve(stored === undefined ? null : { events: stored, gaps: [] });
  };
  await replayDays(replay, judged, { readDay, readMarks: () => Promise.resolve([]) }, gaps, ["binance", "bybit", "okx", "bitfinex"]);
  return replay;
}
