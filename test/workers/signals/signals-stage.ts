import { env } from "cloudflare:workers";
import { parseConfig } from "../../../src/config.ts";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { type MinuteMark, type MinuteMarket, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import type { SignalRecord } from "../../../src/signals/ledger.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { signals } from "../../../workers/cron/signals.ts";
import type { Env } from "../../../workers/env.ts";
import { recordsAfter } from "../../../workers/signals/ledger-rows.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { type Reply, openInbox } from "../webhooks/webhook-inbox.ts";

/** Two days after the day the samples play on, five past two. */
export const MINUTE = DAY + 48 * 60 * MINUTE_MS + 14 * 60 * MINUTE_MS + 5 * MINUTE_MS;

export const workerEnv = env as unknown as Env;

let eventNumber = 0;

/** Stores liquidations as the collector does: minutes before `MINUTE`, USD and what else differs. */
export async function store(
  rows: readonly (readonly [minutesBefore: number, usd: number, changes?: Partial<Liquidation>])[],
): Promise<void> {
  const events = rows.map(([before, usd, changes]) =>
    sampleLiquidation({
      event_id: `id${(eventNumber += 1)}`,
      event_time: MINUTE - before * MINUTE_MS - 10_000,
      usd_value: usd,
      exchange: "bybit",
      ...changes,
    }),
  );
  await d1Sink.write(workerEnv, parseConfig({}), sampleBatch(events, "bybit"));
}

/**
 * 300,000 USD of longs in the last quarter of an hour after 100,000 in the one before: a spike by its rise. The market moves
 * enough to pay for a trade.
 */
export const storeSpike = (changes: Partial<Liquidation> = {}) =>
  store(
    [20, 25, 3, 8].map((before, index) => [before, [60_000, 40_000, 200_000, 100_000][index] ?? 0, { volatility_5m: 0.003, ...changes }]),
  );

/** A market in which every part of a trade's cost is known. */
const MARKET: MinuteMarket = { ...UNKNOWN_MINUTE_MARKET, spread_bps: 0.2, volume_usd: 1e6, funding_rate: 0, funding_interval_hours: 8 };

/** Mark prices of whole minutes from `MINUTE`; a minute whose price is null has none. */
export async function storeMarks(
  from: number,
  prices: readonly (number | null)[],
  symbol = "BTC",
  exchange: ExchangeName = "binance",
  market: Partial<MinuteMarket> = {},
): Promise<void> {
  const minuteMarks = prices.flatMap((price, index): MinuteMark[] => {
    const minute = MINUTE + (from + index) * MINUTE_MS;
    const mark = { minute, symbol, exchange, samples: 60, ...MARKET, ...market };
    return price === null ? [] : [{ ...mark, open: price, high: price, low: price, close: price }];
  });
  await d1Sink.writeNotes?.(workerEnv, { exchange, gaps: [], minuteMarks });
}

export const count = async (table: string, where = "true"): Promise<number> =>
  (await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).first<number>("n")) ?? Number.NaN;

export const ledger = (): Promise<readonly SignalRecord[]> => recordsAfter(env.DB, 0, 1_000);

export async function onlyRecord(): Promise<SignalRecord> {
  const [record, ...others] = await ledger();
  if (record === undefined || others.length > 0) throw new Error(`the ledger has ${others.length + 1} records or none`);
  return record;
}

/** A chat completion as DeepSeek gives it. */
export function modelReply(content: object | string, changes: Partial<Reply> = {}): Reply {
  const message = { role: "assistant", content: typeof content === "string" ? content : JSON.stringify(content) };
  const body = JSON.stringify({ id: "1", choices: [{ index: 0, finish_reason: "stop", message }], usage: { total_tokens: 1_500 } });
  return { status: 200, headers: { "Content-Type": "application/json" }, body, ...changes };
}

/** A stage on which the job runs: a model server that answers so, and a clock that stands just after the minute. */
export async function stage(replies: readonly Reply[] | null, variables: Readonly<Record<string, unknown>> = {}) {
  const model = await openInbox(replies ?? []);
  const withModel = replies === null ? {} : { DEEPSEEK_KEY: "sk-test", DEEPSEEK_BASE_URL: model.url };
  const config = parseConfig({ LIQUIDATION_SYMBOLS: "BTC,ETH", ...withModel, ...variables });
  return {
    config,
    asked: model.received,
    release: model.release,
    /** Runs the job of a minute, so many ms into it, with bindings that differ. */
    run: (minute = MINUTE, after = 800, changes: Partial<Env> = {}) =>
      signals({ ...workerEnv, ...changes }, config, minute, {
        fetch: (...request) => fetch(...request),
        now: () => minute + after,
        random: () => 0,
        sleep: () => Promise.resolve(),
      }),
  };
}
