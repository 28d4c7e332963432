import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { readAggregator } from "../../../workers/aggregators/read-aggregator.ts";
import { replaceList } from "../../../workers/d1/symbol-lists.ts";
import { apiClient } from "../api/api-client.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY } from "../sample-liquidation.ts";
import { type Reply, openInbox } from "../webhooks/webhook-inbox.ts";

beforeEach(emptyStorage);

/** Half past two on the day after. */
const NOW = DAY + DAY_MS + 2 * HOUR_MS + 30 * MINUTE_MS;
const KEY = "key-of-a-test";
const json = (value: unknown): Reply => ({ status: 200, body: JSON.stringify(value) });
const EXCHANGES = json([
  { name: "Binance", code: "A" },
  { name: "Gate.io", code: "Y" },
  { name: "Huobi", code: "4" },
]);
const market = (symbol: string, exchange: string, name: string) => ({
  symbol,
  exchange,
  symbol_on_exchange: name,
  base_asset: "BTC",
  quote_asset: "USDT",
  is_perpetual: true,
  margined: "STABLE",
});
const MARKETS = json([
  market("BTCUSDT_PERP.A", "A", "BTCUSDT"),
  market("BTCUSDT.261225.A", "A", "BTCUSDT_261225"),
  market("BTCUSDT_PERP.Y", "Y", "BTC_USDT"),
  market("BTCUSDT_PERP.4", "4", "BTC-USDT"),
  market("BTCUSDT_PERP.Z", "Z", "BTCUSDT"),
]);
/** Seconds of an hour of the sample day. */
const at = (hour: number) => (DAY + hour * HOUR_MS) / 1_000;
const history = (symbol: string, hours: readonly (readonly [hour: number, long: number, short: number])[]) =>
  json([{ symbol, history: hours.map(([hour, l, s]) => ({ t: at(hour), l, s })) }]);

async function watching(replies: readonly Reply[]) {
  const inbox = await openInbox(replies);
  const variables = {
    LIQUIDATION_SYMBOLS: "BTC",
    LIQUIDATION_EXCHANGES: "binance,gate,htx,okx",
    COINALYZE_BASE_URL: inbox.url,
    COINALYZE_KEY: KEY,
  };
  const config = parseConfig({ ...env, ...variables });
  await replaceList(env.DB, "binance", [{ symbol: "BTC", trading: ["BTCUSDT", "BTCUSDT_261225"], halted: [] }], DAY);
  await replaceList(env.DB, "htx", [{ symbol: "BTC", trading: ["BTC-USDT"], halted: [] }], DAY);
  await replaceList(env.DB, "gate", [{ symbol: "BTC", trading: ["BTC_USDT"], halted: [] }], DAY);
  return {
    inbox,
    run: (now: number) => readAggregator(env.DB, config, now),
    board: async (now: number) => (await apiClient(now, variables)("/v1/truth-board")).body.data,
  };
}

/** Our total of a venue in an hour of the sample day. */
async function storeHour(exchange: string, hour: number, side: string, usd: number): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO hour_totals (hour, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
     VALUES (?1, 'BTC', ?2, ?3, 1, 0, 0, ?4)`,
  )
    .bind(DAY + hour * HOUR_MS, exchange, side, usd)
    .run();
}

test("totals stand beside the aggregator's over the hours that were covered from end to end, each venue asked for once an hour", async () => {
  const binance = history("BTCUSDT_PERP.A", [
    [3, 900, 100],
    [4, 500, 500],
    [5, 0, 1_000],
  ]);
  const { board, inbox, run } = await watching([
    EXCHANGES,
    MARKETS,
    binance,
    history("BTCUSDT_PERP.Y", []),
    history("BTCUSDT_PERP.4", [[7, 5, 5]]),
  ]);
  await storeHour("binance", 3, "long", 950);
  await storeHour("binance", 4, "short", 1);
  await storeHour("binance", 5, "short", 850);
  await env.DB.prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) VALUES ('binance', ?1, ?2, 'suspect')")
    .bind(DAY + 4 * HOUR_MS + MINUTE_MS, DAY + 4 * HOUR_MS + 31 * MINUTE_MS)
    .run();
  const runs = [];
  for (let minute = 0; minute < 5; minute += 1) runs.push(await run(NOW + minute * MINUTE_MS));
  expect(runs).toEqual([{ read: "markets" }, { read: "binance" }, { read: "gate" }, { read: "htx" }, { read: null }]);

  const data = await board(NOW + 5 * MINUTE_MS);
  expect(data).toMatchObject({
    aggregator: "coinalyze",
    state: "on",
    reason: null,
    symbols: ["BTC"],
    note: expect.stringMatching(/no truth/),
  });
  expect(data.exchanges).toEqual([
    {
      exchange: "binance",
      markets: 2,
      hours_reported: 3,
      hours_compared: 2,
      uptime_share: expect.closeTo(2.5 / 3, 6),
      our_long_usd: 950,
      our_short_usd: 850,
      aggregator_long_usd: 900,
      aggregator_short_usd: 1_100,
      ratio: 0.9,
      reason: null,
      error: null,
    },
    expect.objectContaining({
      exchange: "okx",
      markets: 0,
      ratio: null,
      reason: "the aggregator lists no contract that we collect from this venue",
    }),
    expect.objectContaining({
      exchange: "gate",
      markets: 1,
      ratio: null,
      our_long_usd: null,
      reason: "the aggregator reported no hour of it yet",
    }),
    expect.objectContaining({ exchange: "htx", markets: 1, hours_compared: 1, our_long_usd: 0, aggregator_long_usd: 5, ratio: 0 }),
  ]);

  const [, , asked] = await inbox.received();
  expect(asked?.headers["api_key"]).toBe(KEY);
  const query = new URLSearchParams(asked?.path.split("?")[1]);
  expect(Object.fromEntries(query)).toEqual({
    symbols: "BTCUSDT_PERP.A,BTCUSDT.261225.A",
    interval: "1hour",
    from: String(DAY / 1_000),
    to: String(Math.floor((DAY + DAY_MS + 2 * HOUR_MS - 1) / 1_000)),
    convert_to_usd: "true",
  });
  expect(await run(NOW + HOUR_MS), "the next hour").toMatchObject({ error: expect.any(String) });
});

test.each([
  [
    "wants fewer requests",
    { status: 429, headers: { "Retry-After": "300" }, body: "{}" },
    /^HTTP 429 from .*: too many requests$/,
    300_000,
  ],
  ["refuses the key", { status: 401, body: '{"message":"Invalid API key"}' }, /COINALYZE_KEY is not accepted$/, 60_000],
  ["fails", { status: 503, body: "" }, /^HTTP 503/, 60_000],
  ["redirects", { status: 302, headers: { Location: "https://example.com/" }, body: "" }, /^HTTP 302/, 60_000],
  ["answers a page", { status: 200, body: "<html>" }, /^the answer is not JSON$/, 60_000],
  ["changes its shape", json({ data: [] }), /^the answer has another shape than documented/, 60_000],
] as const)("an aggregator that %s is a named error, asked again after a wait, and stops nothing", async (_what, reply, error, waitMs) => {
  // An answer of another shape is found once both lists were asked for.
  const second = error.source.includes("shape") ? [MARKETS] : [];
  const { board, run } = await watching([reply, ...second, EXCHANGES, MARKETS]);
  expect(await run(NOW)).toEqual({ read: null, error: expect.stringMatching(error) });
  expect(await board(NOW)).toMatchObject({ state: "failing", reason: expect.stringMatching(error), next_attempt_time: NOW + waitMs });
  expect(await run(NOW + waitMs - 1)).toEqual({ read: null });
  expect(await run(NOW + waitMs)).toEqual({ read: "markets" });
  expect(await board(NOW + waitMs)).toMatchObject({ state: "on", reason: null, next_attempt_time: null });
});

test.each([
  ["are negative", [{ symbol: "BTCUSDT_PERP.A", history: [{ t: at(3), l: -1, s: 0 }] }], /^the answer has another shape/],
  ["are without bound", [{ symbol: "BTCUSDT_PERP.A", history: [{ t: at(3), l: 1e308, s: 0 }] }], /^the answer has another shape/],
  ["are texts", [{ symbol: "BTCUSDT_PERP.A", history: [{ t: String(at(3)), l: 1, s: 0 }] }], /^the answer has another shape/],
  ["begin within an hour", [{ symbol: "BTCUSDT_PERP.A", history: [{ t: at(3) + 1, l: 1, s: 0 }] }], /does not begin an hour$/],
  ["are of another market", [{ symbol: "ETHUSDT_PERP.A", history: [] }], /which was not asked for$/],
  ["come twice", Array.from({ length: 2 }, () => ({ symbol: "BTCUSDT_PERP.A", history: [{ t: at(3), l: 1, s: 1 }] })), /twice$/],
] as const)("hours that %s are a named error of their venue, are not stored, and hold up no other venue", async (_what, answer, error) => {
  const { board, run } = await watching([EXCHANGES, MARKETS, json(answer), history("BTCUSDT_PERP.Y", [[3, 1, 1]])]);
  await run(NOW);
  expect(await run(NOW + MINUTE_MS)).toEqual({ read: null, error: expect.stringMatching(error) });
  expect(await run(NOW + 2 * MINUTE_MS)).toEqual({ read: "gate" });
  const stored = await env.DB.prepare("SELECT DISTINCT exchange FROM aggregator_days").all();
  expect(stored.results).toEqual([{ exchange: "gate" }]);
  const [binance] = (await board(NOW + 2 * MINUTE_MS)).exchanges;
  expect(binance).toMatchObject({ exchange: "binance", ratio: null, error: expect.stringMatching(error) });
});

test("too many requests for one venue are a wait for all, which doubles where none is named", async () => {
  const { board, run } = await watching([EXCHANGES, MARKETS, { status: 429 }, { status: 429 }, { status: 429 }]);
  let time = NOW;
  await run(time);
  for (const waitMs of [60_000, 120_000, 240_000]) {
    expect(await run(time)).toMatchObject({ error: expect.stringMatching(/too many requests$/) });
    expect((await board(time)).next_attempt_time).toBe(time + waitMs);
    time += waitMs;
  }
});

test("a base asset of which the aggregator lacks a contract is not compared, and the reason names it", async () => {
  const { board, run } = await watching([EXCHANGES, MARKETS]);
  await replaceList(env.DB, "binance", [{ symbol: "BTC", trading: ["BTCUSDT", "BTCUSDC"], halted: [] }], DAY);
  await run(NOW);
  const [binance] = (await board(NOW)).exchanges;
  expect(binance).toMatchObject({ markets: 0, ratio: null, reason: "the aggregator lacks contracts that we collect: BTCUSDC" });
});

const refuse = () => Promise.reject(new Error("nobody may be asked"));

test("without a key the board says so, and nobody is asked", async () => {
  const config = parseConfig({ ...env, COINALYZE_KEY: "" });
  expect(await readAggregator(env.DB, config, NOW, refuse)).toEqual({ read: null });
  const { body } = await apiClient(NOW)("/v1/truth-board");
  expect(body.data).toMatchObject({ state: "off", reason: "COINALYZE_KEY is not set", success_time: null });
  expect(body.data.exchanges[0]).toMatchObject({ ratio: null, reason: "COINALYZE_KEY is not set" });
});
