import { parseConfig } from "../../src/config.ts";
import type { Estimate } from "../../src/estimates/estimate.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { SHOWN_CORRELATIONS } from "../../src/market-state/correlations.ts";
import { DEEPSEEK_TIMEOUT_MS, type DeepseekDependencies, askDeepseek } from "../../src/signals/deepseek.ts";
import { MAX_REASON, type Prompt, promptOf } from "../../src/signals/prompt.ts";
import { ruleVerdict } from "../../src/signals/rule-model.ts";
import type { CascadeNow, NearSpike, PastDecision, SignalInput, VenueNow } from "../../src/signals/signal-input.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL } from "../market-simulation/market-model.ts";
import { simulateMarket } from "../market-simulation/simulate-market.ts";
import { marketInputs } from "./fade-rule.ts";
import type { Figure } from "./figure.ts";
import { replyTokensAtMost, tokensAtMost } from "./token-count.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const DAYS = 9;
const HISTORY_MS = 7 * DAY_MS;

const VENUE: VenueNow = {
  share: 0.234,
  funding_rate: 0.000_123,
  funding_interval_hours: 8,
  funding_percentile: 0.834,
  open_interest_usd: 3.456e9,
  open_interest_change_5m_pct: -1.23,
  open_interest_change_1h_pct: -2.34,
  open_interest_change_24h_pct: 12.3,
  basis_bps: -4.56,
};
const MARKET_STATE: SignalInput["market_state"] = {
  squeeze: {
    reading: "short_crowded",
    funding_8h_bps: -1.23,
    funding_percentile: 0.0456,
    open_interest_percentile: 0.876,
    basis_bps: -4.56,
  },
  correlations: Array.from({ length: SHOWN_CORRELATIONS }, () => ({
    measure: "funding_rate" as const,
    position_side: "short" as const,
    lag_minutes: -60 as const,
    correlation: -0.234,
    low: -0.345,
    high: -0.123,
    distinguishable: true,
    pairs: 3_456,
    effective_pairs: 1_234,
    blocks: 56,
  })),
};
const ESTIMATE: Estimate = {
  reported_usd: 12_345_678,
  estimated_usd: 31_234_567,
  low_usd: 22_345_678,
  high_usd: 40_123_456,
  reported_events: 123,
  estimated_events: 234.5,
  method: "complete.v1+largest_per_second.v1",
  status: "experimental",
  reason: "no second complete venue to test it on",
};
const CASCADE: CascadeNow = {
  state: "building",
  start_time: 0,
  end_time: null,
  usd: 1.23e7,
  peak_usd_per_s: 1e6,
  move_bps: -123,
  severity: 3,
  market_wide: false,
};
const NEAR: NearSpike = { symbol: "BTC", minute: 0, side: "long", distance: 0.345, fade_net_return_bps: -123, follow_net_return_bps: 103 };
const PAST: PastDecision = { symbol: "BTC", minute: 0, action: "SELL", confidence: 61, forward_return_bps: -123, net_return_bps: 113 };

/** The same input with everything known that can be: of all inputs it takes the most tokens. */
export function fullestInput(input: SignalInput): SignalInput {
  const { latest } = input.sides.long;
  const side = { latest: latest === null ? null : { ...latest, branching_ratio: 0.765 }, cascade: CASCADE };
  return {
    ...input,
    coverage: Object.fromEntries(EXCHANGES.map((name) => [name, input.coverage[name] ?? "largest_per_second"])),
    gaps: EXCHANGES.map((exchange) => ({ exchange, from_time: 0, to_time: null, reason: "silent" })),
    estimates: input.windows
      .filter(({ window }) => window !== "15m")
      .map(({ window }) => ({ window, start_time: 0, end_time: input.known_time - 8 * MINUTE_MS, long: ESTIMATE, short: ESTIMATE })),
    venues: Object.fromEntries(EXCHANGES.map((name) => [name, VENUE])),
    market_state: MARKET_STATE,
    sides: { long: side, short: side },
    market: { ...input.market, spread_bps: 0.123, imbalance_ratio: -0.234 },
    past: {
      nearest: Array.from({ length: 8 }, () => NEAR),
      base_rates: {
        ...input.past.base_rates,
        graded: 456,
        fade_hit_rate: 0.456,
        follow_hit_rate: 0.345,
        buy_hit_rate: 0.412,
        sell_hit_rate: 0.398,
      },
      decisions: Array.from({ length: 20 }, () => PAST),
    },
  };
}

export interface MeasuredReplies {
  readonly replies: number;
  readonly truncated: number;
  /** Replies that were refused for another reason. */
  readonly refused: number;
  readonly longestReply: number;
}

/** Reasons that use all that is allowed, in tokens as well: words, measurements, and characters that are a token each. */
const REASONS: readonly string[] = [
  "Longs flushed 5.2 sigma, a third is taken back, impact fell from 45 to 12 bps per million while open interest dropped 4 %. ",
  "push=5.67;retrace=.234;impact=12.3<45.6;oi=-4.1%;fund=1.23/8h@.83;basis=-4.6;breadth=7/20;fade=.46>follow=.34;n=345;p=.98 ",
  "#@!~^&*()[]{}<>?/|;:+=-_%$.,",
];

/** Asks a scripted model that always uses all it is allowed, and cuts what is longer, as often as wanted. */
export async function measureReplies(prompt: Prompt, count: number): Promise<MeasuredReplies> {
  const { LIQUIDATION_AI_MAX_TOKENS: maxTokens } = parseConfig({});
  const counts = { truncated: 0, refused: 0, longestReply: 0 };
  for (let n = 0; n < count; n += 1) {
    const reason = (REASONS[n % REASONS.length] ?? "").repeat(MAX_REASON).slice(0, MAX_REASON).trim().padEnd(MAX_REASON, ".");
    const up = 0.01 + (n % 99) / 100;
    const reply = JSON.stringify({ p_up: up.toFixed(2), p_down: (1 - up).toFixed(2), reason }).replaceAll(/"(0\.\d\d)"/g, "$1");
    const tokens = replyTokensAtMost(reply, reason);
    counts.longestReply = Math.max(counts.longestReply, tokens);
    const settings = {
      baseUrl: "http://127.0.0.1",
      apiKey: "k",
      model: "scripted",
      temperature: 0.7,
      maxTokens,
      timeoutMs: DEEPSEEK_TIMEOUT_MS,
    };
    const { code } = await askDeepseek(prompt, settings, scripted(reply, tokens));
    if (code === "truncated") counts.truncated += 1;
    else if (code !== null) counts.refused += 1;
  }
  return { replies: count, ...counts };
}

/** A model that gives this reply, as far as the request allows so many tokens. */
function scripted(reply: string, tokens: number): DeepseekDependencies {
  return {
    fetch: async (_url, init) => {
      const { max_tokens: allowed } = JSON.parse(String(init?.body)) as { readonly max_tokens: number };
      const isCut = tokens > allowed;
      const message = { role: "assistant", content: isCut ? reply.slice(0, allowed) : reply };
      const body = { choices: [{ index: 0, finish_reason: isCut ? "length" : "stop", message }], usage: { total_tokens: tokens } };
      return new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
    },
    now: () => 0,
    random: () => 0,
    sleep: () => Promise.resolve(),
  };
}

export interface MeasuredPrompts {
  readonly prompts: number;
  /** Tokens of a prompt, mean over the inputs of a simulated market, and of the fullest one. */
  readonly meanTokens: number;
  readonly fullestTokens: number;
  readonly fullest: Prompt;
}

/** The prompts of the spikes of a simulated market, as they are and with everything known. */
export async function measurePrompts(seed: number): Promise<MeasuredPrompts> {
  const market = simulateMarket({ seed, days: DAYS, effect: "burst", model: BTC_MODEL, startTime: START });
  const inputs = await marketInputs(market, { start: START + HISTORY_MS, end: market.endTime });
  const prompts = inputs.map((input) => promptOf(input, ruleVerdict(input)));
  const full = inputs.map((input) => promptOf(fullestInput(input), { ...ruleVerdict(input), probability: 0.456 }));
  const fullest = full.toSorted((a, b) => promptTokens(b) - promptTokens(a))[0];
  if (fullest === undefined) throw new RangeError(`the market of seed ${seed} has no spike`);
  const tokens = prompts.map(promptTokens);
  return {
    prompts: prompts.length,
    meanTokens: tokens.reduce((sum, one) => sum + one, 0) / tokens.length,
    fullestTokens: promptTokens(fullest),
    fullest,
  };
}

export function promptTokens({ system, user }: Prompt): number {
  return tokensAtMost(system) + tokensAtMost(user);
}

/** The most decisions that a day of all base assets was seen to have. */
export const DECISIONS_A_DAY = 106;
const REPLIES = 200;

/** Whether replies fit the limit of tokens, and a day's decisions the budget of the day. */
export async function modelReplies(seeds: readonly number[]): Promise<readonly Figure[]> {
  const { LIQUIDATION_AI_MAX_TOKENS: maxTokens, LIQUIDATION_AI_DAILY_TOKENS: budget } = parseConfig({});
  const runs = [];
  for (const seed of seeds) runs.push(await measurePrompts(seed));
  const fullest = runs.toSorted((a, b) => b.fullestTokens - a.fullestTokens)[0];
  if (fullest === undefined) return [];
  const replies = await measureReplies(fullest.fullest, REPLIES);
  const meanTokens = runs.reduce((sum, run) => sum + run.meanTokens, 0) / runs.length;
  const day = DECISIONS_A_DAY * (fullest.fullestTokens + maxTokens);
  return [
    { what: `replies of ${replies.replies} that were truncated`, measured: String(replies.truncated), target: "0" },
    { what: "refused otherwise", measured: String(replies.refused), target: "0" },
    { what: "tokens of the longest reply, at most", measured: String(replies.longestReply), target: `at most ${maxTokens}` },
    { what: "tokens of a prompt, mean", measured: meanTokens.toFixed(0), target: "" },
    { what: "tokens of the fullest prompt", measured: String(fullest.fullestTokens), target: "" },
    { what: `tokens of ${DECISIONS_A_DAY} decisions with it`, measured: String(day), target: `at most ${budget}` },
  ];
}
