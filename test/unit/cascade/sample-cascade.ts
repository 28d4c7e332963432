import { CASCADE_CONSTANTS, type CascadeRecord } from "../../../src/cascade/cascade-record.ts";

const MINUTE_MS = 60_000;

/** A cascade of long bitcoin positions that began ten minutes before `time`, ms, and ended two minutes later. */
export function sampleCascade(time: number, changes: Partial<CascadeRecord> = {}): CascadeRecord {
  return {
    cascade_id: "BTC-long-1",
    symbol: "BTC",
    position_side: "long",
    state: "ended",
    start_time: time - 10 * MINUTE_MS,
    peak_time: time - 9 * MINUTE_MS,
    end_time: time - 8 * MINUTE_MS,
    events: 12,
    usd: 2_000_000,
    peak_usd_per_s: 30_000,
    peak_5s_usd: 90_000,
    first_exchange: "bybit",
    first_exchange_probability: 0.94,
    exchanges: ["bybit", "okx"],
    start_mark: 84_000,
    extreme_mark: null,
    move_bps: null,
    severity: 2,
    market_wide: false,
    gaps: [],
    adl_states: null,
    constants: CASCADE_CONSTANTS,
    ...changes,
  };
}
