import type { FlowMinute, SignalInput } from "../../../src/signals/signal-input.ts";
import { UNKNOWN_PARTS } from "../../../src/signals/unknown-input.ts";
import type { SymbolWindow } from "../../../src/windows/symbol-window.ts";
import { type SideStatistics, type WindowStatistics } from "../../../src/windows/window-statistics.ts";
import { bySide } from "../../../src/windows/percentile.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";

/** 2026-11-20 14:05 UTC. */
export const MINUTE = Date.UTC(2026, 10, 20, 14, 5);

export function statistics(changes: Partial<WindowStatistics>): WindowStatistics {
  return {
    events: 10,
    events_without_usd: 0,
    events_without_notional_mark: 0,
    usd: 0,
    notional_mark_usd: null,
    quantity: null,
    max_usd: null,
    exchanges_active: 1,
    previous_events: 0,
    previous_usd: null,
    change_pct: null,
    percentile: null,
    ...changes,
  };
}

export function sampleSymbolWindow(sides: Partial<SideStatistics>, changes: Partial<SymbolWindow> = {}): SymbolWindow {
  return {
    symbol: "BTC",
    window: "15m",
    as_of_time: MINUTE,
    start_time: MINUTE - 905_000,
    end_time: MINUTE - 5_000,
    previous_start_time: MINUTE - 1_805_000,
    previous_end_time: MINUTE - 905_000,
    uptime_share: 1,
    previous_uptime_share: 1,
    comparison: comparisonOf(sides),
    median_usd: { long: null, short: null, total: null },
    percentile_without_largest: { long: null, short: null, total: null },
    sides: { long: statistics({}), short: statistics({}), total: statistics({}), ...sides },
    exchanges: {},
    ...changes,
  };
}

/** Everything was covered, so that what was compared is what there was. */
function comparisonOf(sides: Partial<SideStatistics>): SymbolWindow["comparison"] {
  return { exchanges: ["bybit"], share: 1, ...bySide((side) => ({ usd: sides[side]?.usd ?? 0, previous_usd: previousOf(sides[side]) })) };
}

/** The last 15 minutes: USD of longs and shorts, and the close of the mark price, oldest first. */
export function flowOf(rows: readonly (readonly [long: number, short: number, mark: number | null])[]): readonly FlowMinute[] {
  return rows.map(([long, short, mark], index) => ({
    minute: MINUTE - (rows.length - index) * MINUTE_MS,
    long_usd: long,
    short_usd: short,
    mark_high: mark,
    mark_low: mark,
    mark_close: mark,
  }));
}

export function sampleInput(sides: Partial<SideStatistics>, changes: Partial<SignalInput> = {}): SignalInput {
  const { exchanges: _venues, symbol, as_of_time: minute, ...window } = sampleSymbolWindow(sides);
  return {
    symbol,
    minute,
    known_time: minute,
    window: "15m",
    trigger: { kind: "spike", sides: ["long"], severity_usd: 1_000_000 },
    windows: [window],
    exchanges: {},
    coverage: { binance: "largest_per_second" },
    gaps: [],
    flow: [],
    market: {
      mark_exchange: null,
      mark_price: null,
      mark_time: null,
      return_5m_bps: null,
      return_15m_bps: null,
      return_1h_bps: null,
      return_24h_bps: null,
      sigma_before_bps: null,
      index_price: null,
      funding_rate: null,
      open_interest_usd: null,
      spread_bps: null,
      imbalance_ratio: null,
      volatility_5m: null,
      event_age_ms: null,
    },
    sides: { long: { latest: null, cascade: null }, short: { latest: null, cascade: null } },
    ...UNKNOWN_PARTS,
    ...changes,
  };
}

/** Nothing before is a measured zero where a case says so by 0 alone. */
function previousOf(side: WindowStatistics | undefined): number | null {
  return side === undefined ? 0 : side.previous_usd;
}
