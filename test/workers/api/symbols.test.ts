import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { ListedSymbol } from "../../../src/listed-symbol.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { OPERATIONS } from "../../../workers/api/operations.ts";
import { symbols } from "../../../workers/cron/symbols.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { ADMIN_TOKEN } from "../exports/exports-stage.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 3_600_000;
const admin = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const client = (names: string) => apiClient(NOW, { LIQUIDATION_SYMBOLS: names, ADMIN_TOKEN });

afterEach(emptyStorage);

type Lists = Partial<Record<ExchangeName, readonly ListedSymbol[]>>;
const listed = (symbol: string, trading: readonly string[], halted: readonly string[] = []): ListedSymbol => ({ symbol, trading, halted });

/** Runs the cron job over feeds that have read these lists at a time. */
async function read(lists: Lists, loaded_time = NOW - 60_000) {
  const feeds = Object.keys(lists).map((name) => {
    const exchange = name as ExchangeName;
    return { exchange, status: sampleFeedStatus({ exchange, instruments: { count: 1, source: "rest", loaded_time } }), error: null };
  });
  return symbols(env.DB, feeds, (exchange) => Promise.resolve(lists[exchange] ?? null));
}

const EVERYWHERE: Lists = Object.fromEntries(EXCHANGES.map((name) => [name, [listed("BTC", ["BTCUSDT"]), listed("ETH", ["ETHUSDT"])]]));

describe("GET /v1/symbols", () => {
  test("shows a configured asset on every venue, with what a venue does not list, has halted, or was not asked yet", async () => {
    await read({
      binance: [listed("BTC", ["BTCUSDT", "BTCUSDC"], ["BTCUSD_PERP"]), listed("ETH", [], ["ETHUSDT"])],
      bybit: [],
      kucoin: [listed("BTC", ["XBTUSDTM"])],
    });
    const { status, body } = await client("ETH,BTC,NOPE")("/v1/symbols");
    expect(status).toBe(200);
    expect(body.meta).toMatchObject({ count: 3, next_cursor: null });
    const nowhere = { state: "not_listed", instruments: [] };
    const unread = { state: "unknown", instruments: [] };
    const others = Object.fromEntries(
      parseConfig({})
        .LIQUIDATION_EXCHANGES.slice(5)
        .map((name) => [name, unread]),
    );
    expect(body.data).toEqual([
      {
        symbol: "BTC",
        collected: true,
        exchanges: {
          binance: { state: "collected", instruments: ["BTCUSDT", "BTCUSDC", "BTCUSD_PERP"] },
          bybit: nowhere,
          okx: unread,
          kucoin: { state: "no_liquidations", instruments: ["XBTUSDTM"] },
          bitfinex: unread,
          ...others,
        },
      },
      {
        symbol: "ETH",
        collected: false,
        exchanges: {
          binance: { state: "halted", instruments: ["ETHUSDT"] },
          bybit: nowhere,
          okx: unread,
          kucoin: nowhere,
          bitfinex: unread,
          ...others,
        },
      },
      {
        symbol: "NOPE",
        collected: false,
        exchanges: { binance: nowhere, bybit: nowhere, okx: unread, kucoin: nowhere, bitfinex: unread, ...others },
      },
    ]);
  });

  test("lists all that venues list where all is collected, page by page and by venue", async () => {
    await read({
      okx: ["A", "B", "C"].map((name) => listed(name, [`${name}-SWAP`])),
      bybit: [listed("B", ["BUSDT"]), listed("D", ["DUSDT"])],
    });
    const get = client("*");
    const names: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await get(`/v1/symbols?limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
      names.push(...body.data.map(({ symbol }: { symbol: string }) => symbol));
      cursor = body.meta.next_cursor;
    }
    expect(names).toEqual(["A", "B", "C", "D"]);
    const { data } = (await get("/v1/symbols?exchange=bybit")).body;
    expect(data.map((row: object) => Object.values(row))).toEqual([
      ["B", true, { bybit: { state: "collected", instruments: ["BUSDT"] } }],
      ["D", true, { bybit: { state: "collected", instruments: ["DUSDT"] } }],
    ]);
  });

  test("follows the venue's table: what is delisted goes, and a table that was not read again costs nothing", async () => {
    expect(await read({ okx: [listed("A", ["A-SWAP"])] })).toEqual({ replaced: ["okx"] });
    expect(await read({ okx: [listed("B", ["B-SWAP"])] })).toEqual({ replaced: [] });
    expect(await read({ okx: [listed("B", ["B-SWAP"])] }, NOW)).toEqual({ replaced: ["okx"] });
    const { data } = (await client("*")("/v1/symbols")).body;
    expect(data.map(({ symbol }: { symbol: string }) => symbol)).toEqual(["B"]);
  });
});

describe("an asset that nobody collects", () => {
  const ROUTES: readonly (readonly [string, string, string, object?])[] = [
    ["getStats", "GET", "/v1/stats?symbol=SYM"],
    ["listLiquidations", "GET", "/v1/liquidations?symbol=SYM"],
    ["listTotals", "GET", "/v1/totals?symbol=SYM"],
    ["listMarks", "GET", "/v1/marks?symbol=SYM"],
    ["getMarketState", "GET", "/v1/market-state?symbol=SYM"],
    ["getRanking", "GET", "/v1/rankings?symbol=SYM"],
    ["listCascades", "GET", "/v1/cascades?symbol=SYM"],
    ["getCascadeForecast", "GET", "/v1/cascades/forecast?symbol=SYM"],
    ["getCrossExchange", "GET", "/v1/cross-exchange?symbol=SYM"],
    ["getContagion", "GET", "/v1/contagion?symbol=SYM"],
    ["listSignals", "GET", "/v1/signals?symbol=SYM"],
    ["getScoreboard", "GET", "/v1/signals/scoreboard?symbol=SYM"],
    ["estimateExport", "POST", "/v1/exports/estimate", { start: DAY - 1, format: "csv", symbols: ["BTC", "SYM"] }],
    ["createWebhook", "POST", "/v1/webhooks", { url: "http://127.0.0.1:9/hook", symbols: ["BTC", "SYM"] }],
    ["updateWebhook", "PATCH", "/v1/webhooks/whe_1", { symbols: ["BTC", "SYM"] }],
    ["createRule", "POST", "/v1/rules", { name: "mine", rule: "usd_value > 1e9", symbols: ["BTC", "SYM"] }],
    ["updateRule", "PATCH", "/v1/rules/rul_1", { symbols: ["BTC", "SYM"] }],
    ["previewRule", "POST", "/v1/rules/preview", { rule: "usd_value > 1e9", symbols: ["BTC", "SYM"] }],
    ["createExport", "POST", "/v1/exports", { start: DAY - 1, format: "csv", symbols: ["BTC", "SYM"] }],
  ];
  beforeEach(async () => {
    await env.DB.prepare(
      "INSERT INTO webhook_endpoints (endpoint_id, owner, sees_all, state, url, format, events, symbols, created_time) VALUES ('whe_1', 'admin', 1, 'open', 'https://a.example', 'standard', '[]', '[]', 1)",
    ).run();
    await env.DB.prepare(
      "INSERT INTO rules (rule_id, owner, name, rule, symbols, enabled, version, created_time) VALUES ('rul_1', 'admin', 'mine', 'usd_value > 1e9', '[]', 1, 1, 1)",
    ).run();
  });

  const ask = (get: ReturnType<typeof apiClient>, [, method, path, body]: (typeof ROUTES)[number], symbol: string) =>
    get(path.replace("SYM", symbol), {
      method,
      headers: admin,
      ...(body === undefined ? {} : { body: JSON.stringify(body).replace("SYM", symbol) }),
    });

  test("is tried on every operation that takes one", () => {
    const taking = OPERATIONS.filter(({ doc }) => Object.hasOwn(doc.query.shape, "symbol") || doc.problems.includes("unknown_symbol"));
    const stream = taking.filter(({ doc }) => "text/event-stream" in doc.success.content);
    expect(
      stream.map(({ doc }) => doc.id),
      "a stream does not end, so it is tried below",
    ).toEqual(["openStream"]);
    expect(
      taking
        .filter((one) => !stream.includes(one))
        .map(({ doc }) => doc.id)
        .toSorted(),
    ).toEqual(ROUTES.map(([id]) => id).toSorted());
  });

  test.each(ROUTES.map((route) => [route[0], route] as const))(
    "%s: is a 404 that names the nearest, not a measured zero",
    async (_id, route) => {
      await read(EVERYWHERE);
      for (const names of ["BTC,ETH", "*"]) {
        const { status, body } = await ask(client(names), route, "XBT");
        expect({ status, code: body.code, nearest: body.nearest }).toEqual({ status: 404, code: "unknown_symbol", nearest: ["BTC"] });
        expect(body.detail).toBe("XBT is not collected; did you mean BTC?");
        expect(body.errors).toHaveLength(1);
        const far = await ask(client(names), route, "QQQQQQ");
        expect(far.body).toMatchObject({ status: 404, nearest: [], detail: "QQQQQQ is not collected; GET /v1/symbols lists what is" });
        expect((await ask(client(names), route, "eth")).status, names).toBeLessThan(300);
      }
    },
  );

  test("openStream: is a 404 too, before anything is streamed", async () => {
    await read(EVERYWHERE);
    const { status, body } = await client("BTC,ETH")("/v1/stream?symbol=BTC,XBT");
    expect({ status, code: body.code, nearest: body.nearest }).toEqual({ status: 404, code: "unknown_symbol", nearest: ["BTC"] });
  });

  test("includes a configured one that no venue lists, once every venue was read", async () => {
    const get = client("BTC,ETHW");
    expect((await get("/v1/stats?symbol=ETHW")).status).toBe(200);
    await read({ ...EVERYWHERE, okx: [] });
    expect((await get("/v1/stats?symbol=ETHW")).body).toMatchObject({
      status: 404,
      detail: "ETHW is configured, but no venue lists it; GET /v1/symbols lists what is",
    });
    expect((await get("/v1/stats?symbol=BTC")).status).toBe(200);
  });

  test("is not one whose past is stored, where the past is asked for", async () => {
    await read(EVERYWHERE);
    await d1Sink.write(env, parseConfig({}), sampleBatch([sampleLiquidation({ symbol: "OLD", event_time: DAY + 1 })]));
    const get = client("BTC,ETH");
    for (const route of ROUTES) {
      // Webhooks are about what comes.
      const live = [
        "getStats",
        "getCascadeForecast",
        "getCrossExchange",
        "getContagion",
        "createWebhook",
        "updateWebhook",
        "createRule",
        "updateRule",
      ].includes(route[0]);
      expect((await ask(get, route, "OLD")).status < 300, route[0]).toBe(!live);
    }
  });
});
