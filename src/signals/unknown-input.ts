import { UNKNOWN_SQUEEZE } from "../market-state/squeeze.ts";
import type { MarketNow, SignalInput } from "./signal-input.ts";
import type { Trigger } from "./trigger.ts";

/** The cost of a trade that inputs stated before each venue's own cost was known. */
const EARLIER_COST_BPS = 10;

const UNKNOWN_SIZE = { median_usd: null, multiple: null, partial_share: null };

/** The parts of an input that inputs of earlier versions lack, all unknown. */
export const UNKNOWN_PARTS = {
  estimates: [],
  venues: {},
  market_state: { squeeze: UNKNOWN_SQUEEZE, correlations: [] },
  size: { long: UNKNOWN_SIZE, short: UNKNOWN_SIZE, total: UNKNOWN_SIZE },
  path: {
    push_bps: null,
    push_sigma: null,
    retrace_share: null,
    extreme_age_minutes: null,
    below_day_high_bps: null,
    above_day_low_bps: null,
  },
  absorption: { now_bps_per_million: null, before_bps_per_million: null },
  breadth: { symbols: 0, high: 0, high_same_side: 0 },
  past: {
    nearest: [],
    base_rates: {
      graded: 0,
      fade_hit_rate: null,
      follow_hit_rate: null,
      fade_mean_net_bps: null,
      follow_mean_net_bps: null,
      buy_hit_rate: null,
      sell_hit_rate: null,
    },
    decisions: [],
  },
  cost_bps: EARLIER_COST_BPS,
  sigma_1h_bps: null,
} satisfies Partial<SignalInput>;

/** The fields of the market that they lack. */
const UNKNOWN_MARKET = { mark_exchange: null, sigma_before_bps: null } satisfies Partial<MarketNow>;

/** The fields that every version has. */
type StoredInput = Omit<SignalInput, keyof typeof UNKNOWN_PARTS | "known_time" | "market" | "trigger"> &
  Partial<Omit<SignalInput, "market" | "trigger">> & {
    readonly market: Omit<MarketNow, keyof typeof UNKNOWN_MARKET> & Partial<MarketNow>;
    readonly trigger: Omit<Trigger, "kind"> & Partial<Trigger>;
  };

/** An input that may have been queued by an earlier version of the Worker: what that did not measure is unknown. */
export function completeInput(input: StoredInput): SignalInput {
  return {
    ...UNKNOWN_PARTS,
    known_time: input.minute,
    ...input,
    market: { ...UNKNOWN_MARKET, ...input.market },
    trigger: { kind: "spike", ...input.trigger },
  };
}
