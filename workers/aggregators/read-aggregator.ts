import { ZodError } from "zod";
import { type AggregatorMarket, historyPath, hourlyUsd, matchMarkets } from "../../src/aggregators/coinalyze.ts";
import type { ComparedDay, ComparedHour } from "../../src/aggregators/hour-comparison.ts";
import { boundedFetch } from "../../src/bounded-fetch.ts";
import type { Config } from "../../src/config.ts";
import type { Exchange } from "../../src/exchanges/exchange.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { Gap } from "../../src/gap.ts";
import { HttpStatusError } from "../../src/http-status-error.ts";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { messageOf } from "../../src/message-of.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { uptimeShare } from "../../src/windows/uptime-share.ts";
import { within } from "../../src/within.ts";
import { type AggregatorState, readAggregatorState, writeAggregatorState, writeComparedDays } from "../d1/aggregator-rows.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { listingsOf } from "../d1/symbol-lists.ts";

const TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 8_000_000;
/** Our totals of an hour are whole after this time, and the aggregator's too. */
const SETTLED_MS = 10 * MINUTE_MS;
const KEPT_MS = 60 * DAY_MS;
/** Where all base assets are collected, these are compared: each market of the aggregator costs a call. */
const DEFAULT_SYMBOLS = ["BTC", "ETH", "SOL"];
const MAX_SYMBOLS = 6;
const BACKOFF = { baseMs: MINUTE_MS, capMs: 6 * HOUR_MS };

export type AggregatorRecord = { readonly read: string | null; readonly error?: string };

/** The base assets that are compared. */
export function comparedSymbols({ LIQUIDATION_SYMBOLS: symbols }: Pick<Config, "LIQUIDATION_SYMBOLS">): readonly string[] {
  return symbols === "*" ? DEFAULT_SYMBOLS : [...symbols].slice(0, MAX_SYMBOLS);
}

/**
 * Asks the aggregator for one venue in a run, each once an hour, and stores its hours beside ours. What fails is asked for again
 * after a wait that doubles, or that the aggregator names; nothing else waits for it. Never rejects because of the aggregator.
 */
export async function readAggregator(db: D1Database, config: Config, now: number, send: typeof fetch = fetch): Promise<AggregatorRecord> {
  if (config.COINALYZE_KEY === null) return { read: null };
  const state = await readAggregatorState(db);
  if (now < state.next_attempt_time) return { read: null };
  const ask = (path: string) => request(config, path, now, send);
  try {
    const done = await nextRead(db, config, state, now, ask);
    if (done === null) return { read: null };
    if (done.error !== null) {
      // Of one venue: the others are asked next, and this one in an hour.
      await writeAggregatorState(db, done.state);
      return { read: null, error: done.error };
    }
    await writeAggregatorState(db, { ...done.state, success_time: now, error: null, failures: 0, next_attempt_time: 0 });
    return { read: done.read };
  } catch (error) {
    const failures = state.failures + 1;
    const named = error instanceof HttpStatusError ? (error.detail.retryAfterMs ?? 0) : 0;
    const wait = Math.min(BACKOFF.capMs, Math.max(named, BACKOFF.baseMs * 2 ** Math.min(failures - 1, 10)));
    const text = errorText(error);
    await writeAggregatorState(db, { ...state, error: text, failures, next_attempt_time: now + wait });
    return { read: null, error: text };
  }
}

type Ask = (path: string) => Promise<unknown>;

async function nextRead(db: D1Database, config: Config, state: AggregatorState, now: number, ask: Ask) {
  if (state.listed_time === null || now - state.listed_time >= DAY_MS) {
    const listings = await listingsOf(db, comparedSymbols(config));
    const contracts = listings
      .filter(({ exchange }) => config.LIQUIDATION_EXCHANGES.includes(exchange))
      .map(({ exchange, symbol, trading }) => ({ exchange, names: namesOf(exchange), symbol, instruments: trading }));
    if (contracts.length === 0) return null;
    const matched = matchMarkets(await ask("/v1/exchanges"), await ask("/v1/future-markets"), contracts);
    return { state: { ...state, listed_time: now, ...matched }, read: "markets", error: null };
  }
  const end = floorTo(now - SETTLED_MS, HOUR_MS);
  const due = config.LIQUIDATION_EXCHANGES.find(
    (exchange) => (state.read_times[exchange] ?? 0) < end && state.markets.some((one) => one.exchange === exchange),
  );
  if (due === undefined) return null;
  const read_times = { ...state.read_times, [due]: end };
  const { [due]: _before, ...errors } = state.errors;
  try {
    await readVenue(db, due, state.markets, { start: floorTo(end, DAY_MS) - DAY_MS, end }, now, ask);
  } catch (error) {
    if (error instanceof HttpStatusError && isOfAll(error.status)) throw error;
    const text = errorText(error);
    return { state: { ...state, read_times, errors: { ...errors, [due]: text } }, read: due, error: text };
  }
  return { state: { ...state, read_times, errors }, read: due, error: null };
}

/** What the aggregator says of the key or the number of requests holds for every venue. */
function isOfAll(status: number): boolean {
  return status === 401 || status === 403 || status === 429;
}

function namesOf(exchange: ExchangeName): readonly string[] {
  const venue: Exchange = exchanges[exchange];
  return [exchange, ...(venue.formerNames ?? [])];
}

async function readVenue(
  db: D1Database,
  exchange: ExchangeName,
  all: readonly AggregatorMarket[],
  range: TimeRange,
  now: number,
  ask: Ask,
): Promise<void> {
  const own = all.filter((one) => one.exchange === exchange);
  const markets = own.map(({ market }) => market);
  const theirs = hourlyUsd(await ask(historyPath(markets, range.start, range.end - 1)), markets);
  const symbols = [...new Set(own.map(({ symbol }) => symbol))];
  const [ours, gaps] = await Promise.all([readOurs(db, exchange, symbols, range), gapsInRange(db, [exchange], range).all()]);
  const known = gapsOf(gaps).gaps;
  const days: ComparedDay[] = [];
  for (let day = range.start; day < range.end; day += DAY_MS) {
    const hours = Array.from({ length: 24 }, (_, index) => compared(exchange, day + index * HOUR_MS, range.end, theirs, ours, known));
    days.push({ exchange, day, hours });
  }
  await writeComparedDays(db, days, now - KEPT_MS);
}

type Hourly = ReadonlyMap<number, readonly [long: number, short: number]>;

function compared(
  exchange: ExchangeName,
  hour: number,
  end: number,
  theirs: Hourly,
  ours: Hourly,
  gaps: readonly Gap[],
): ComparedHour | null {
  const reported = theirs.get(hour);
  if (reported === undefined || hour >= end) return null;
  const covered = uptimeShare(gaps, new Map([[exchange, 1]]), { start: hour, end: hour + HOUR_MS });
  return { theirs: reported, ours: ours.get(hour) ?? [0, 0], covered };
}

const OURS = `
  SELECT hour, position_side, sum(coalesce(usd, 0)) AS usd FROM json_each(?1) AS wanted CROSS JOIN hour_totals
  WHERE symbol = wanted.value AND hour >= ?2 AND hour < ?3 AND exchange = ?4 GROUP BY hour, position_side`;

/** By the venue's own prices, as the aggregator sums them. */
async function readOurs(db: D1Database, exchange: ExchangeName, symbols: readonly string[], { start, end }: TimeRange): Promise<Hourly> {
  const { results } = await db
    .prepare(OURS)
    .bind(JSON.stringify(symbols), start, end, exchange)
    .all<{ hour: number; position_side: PositionSide; usd: number }>();
  const hours = new Map<number, readonly [number, number]>();
  for (const { hour, position_side, usd } of results) {
    const [long, short] = hours.get(hour) ?? [0, 0];
    hours.set(hour, position_side === "long" ? [long + usd, short] : [long, short + usd]);
  }
  return hours;
}

async function request(
  { COINALYZE_BASE_URL: base, COINALYZE_KEY: key }: Config,
  path: string,
  now: number,
  send: typeof fetch,
): Promise<unknown> {
  const url = `${base}${path}`;
  return within(TIMEOUT_MS, async (signal) => {
    const response = await boundedFetch(send, MAX_BODY_BYTES)(url, {
      signal,
      redirect: "manual",
      headers: { api_key: key ?? "", Accept: "application/json" },
    });
    const text = await response.text();
    if (!response.ok) throw HttpStatusError.of(response, url, text, now);
    return JSON.parse(text) as unknown;
  });
}

/** In words for the operator; never the key, which stands in no message. */
function errorText(error: unknown): string {
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return `the answer has another shape than documented: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`.slice(0, 300);
  }
  if (error instanceof SyntaxError) return "the answer is not JSON";
  if (error instanceof HttpStatusError && error.status === 401) return `${error.message}: COINALYZE_KEY is not accepted`;
  if (error instanceof HttpStatusError && error.status === 429) return `${error.message}: too many requests`;
  return messageOf(error).slice(0, 300);
}
