import { describe, expect, test } from "vitest";
import { bybit } from "../../../../src/exchanges/bybit/bybit.ts";
import type { Instrument, SocketPlan } from "../../../../src/exchanges/exchange.ts";
import { answering, scopeOf } from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };

function perpetual(instrument: string, symbol: string, scale = 1): Instrument {
  return { instrument, symbol, quote: "USDT", scale, contract: { kind: "base", size: 1 }, trading: true };
}

function topicsOf(plan: SocketPlan | undefined): readonly string[] {
  return [...(plan?.topics?.contracts.keys() ?? [])];
}

describe("sockets", () => {
  test("one connection carries liquidations, ticker and book of each instrument", async () => {
    const plans = bybit.sockets(scopeOf(bybit, ["SOL"]), ENDPOINTS);
    expect(plans).toHaveLength(1);
    expect(plans[0]).toMatchObject({ name: "linear", role: "liquidations", controlTimeoutMs: 10_000 });
    expect(await plans[0]?.address(answering([]), "id")).toEqual({ url: "http://venue.test/v5/public/linear" });
    const names = ["SOLUSDT", "SOLPERP"];
    const others = names.flatMap((s) => [`tickers.${s}`, `orderbook.200.${s}`]);
    expect(topicsOf(plans[0])).toEqual([...names.map((s) => `allLiquidation.${s}`), ...others]);
  });

  test("requests are small, each with an id of its own, and pings are JSON every 20 s", () => {
    const [plan] = bybit.sockets(scopeOf(bybit, ["BTC", "ETH", "SOL"]), ENDPOINTS);
    expect(plan?.topics?.perRequest).toBe(10);
    const request = plan?.topics?.request(2, ["allLiquidation.BTCUSDT"]);
    expect(JSON.parse(request?.frame ?? "")).toEqual({ req_id: request?.id, op: "subscribe", args: ["allLiquidation.BTCUSDT"] });
    expect(JSON.parse(plan?.keepalive?.frame(3) ?? "")).toMatchObject({ op: "ping" });
    expect(plan?.keepalive?.intervalMs).toBe(20_000);
  });

  test("every topic is that of a contract, and the liquidations must be confirmed", () => {
    const [plan] = bybit.sockets(scopeOf(bybit, ["SOL"]), ENDPOINTS);
    expect(new Set(plan?.topics?.contracts.values())).toEqual(new Set(["SOLUSDT", "SOLPERP"]));
    expect([...(plan?.confirmations ?? [])]).toEqual(["allLiquidation.SOLUSDT", "allLiquidation.SOLPERP"]);
  });

  test.each([
    ["error:handler not found,topic:allLiquidation.LUNAUSDT", { unknown: ["allLiquidation.LUNAUSDT"], held: [] }],
    ["error:already subscribed,topic:tickers.BTCUSDT", { unknown: [], held: ["tickers.BTCUSDT"] }],
    ["error:not available", { unknown: [], held: [] }],
  ])("a refused request names the topics that are meant: %s", (ret_msg, named) => {
    const refusal = JSON.stringify({ success: false, ret_msg, conn_id: "c", req_id: "topics-4", op: "subscribe" });
    const expected = { kind: "refused", request: "topics-4", reason: ret_msg, ...named };
    expect(bybit.createDecoder(scopeOf(bybit, ["SOL"])).decode(refusal, 1)).toEqual([expected]);
  });

  test("all symbols: liquidations of every contract, tickers and books of the three large ones in USDT", () => {
    const topics = topicsOf(bybit.sockets(scopeOf(bybit, "*", [perpetual("XRPUSDT", "XRP")]), ENDPOINTS)[0]);
    expect(topics.filter((topic) => topic.startsWith("allLiquidation."))).toHaveLength(7);
    expect(topics.filter((topic) => !topic.startsWith("allLiquidation."))).toEqual(
      ["1000.BTCUSDT", "1000.ETHUSDT", "200.SOLUSDT"].flatMap((book) => [`tickers.${book.split(".")[1]}`, `orderbook.${book}`]),
    );
  });

  test("beyond 21,000 characters a further connection opens, which has a control ticker too", () => {
    const many = Array.from({ length: 1500 }, (_, index) => perpetual(`COIN${index}USDT`, `COIN${index}`));
    const plans = bybit.sockets(scopeOf(bybit, "*", many), ENDPOINTS);
    expect(plans.map(({ name }) => name)).toEqual(["linear", "linear-2", "linear-3"]);
    const topics = plans.map(topicsOf);
    for (const names of topics) {
      expect(JSON.stringify(names).length).toBeLessThanOrEqual(21_000);
      expect(names).toContain("tickers.BTCUSDT");
    }
    expect(new Set(topics.flat().filter((topic) => topic.startsWith("allLiquidation."))).size).toBe(1506);
  });

  test("nothing to watch opens nothing", () => {
    expect(bybit.sockets(scopeOf(bybit, ["XRP"]), ENDPOINTS)).toEqual([]);
  });
});

const page = (list: readonly unknown[], nextPageCursor = "") => ({ retCode: 0, result: { list, nextPageCursor } });

describe("instrument table", () => {
  const LISTED = { symbol: "BTCUSDT", contractType: "LinearPerpetual", status: "Trading", baseCoin: "BTC", quoteCoin: "USDT" };
  test("is read page by page, and keeps perpetuals only", async () => {
    const asked: string[] = [];
    const pages = [
      page([LISTED, { ...LISTED, symbol: "BTC-26MAR27", contractType: "LinearFutures" }], "a&b"),
      page([
        { ...LISTED, symbol: "SHIB1000USDT", baseCoin: "SHIB1000", status: "PreLaunch" },
        { ...LISTED, symbol: "BTCPERP", quoteCoin: "USDC" },
      ]),
    ];
    const table = await bybit.loadInstruments(answering(pages, asked), ENDPOINTS);
    expect(asked).toEqual([
      "http://rest.test/v5/market/instruments-info?category=linear&limit=1000",
      "http://rest.test/v5/market/instruments-info?category=linear&limit=1000&cursor=a%26b",
    ]);
    expect(table.map(({ instrument, symbol, quote, scale, trading }) => [instrument, symbol, quote, scale, trading])).toEqual([
      ["BTCUSDT", "BTC", "USDT", 1, true],
      ["SHIB1000USDT", "SHIB", "USDT", 1000, false],
      ["BTCPERP", "BTC", "USDC", 1, true],
    ]);
  });

  test("does not follow a list without end", async () => {
    const asked: string[] = [];
    const endless = Array.from({ length: 100 }, (_, index) => page([LISTED], `cursor-${index}`));
    await bybit.loadInstruments(answering(endless, asked), ENDPOINTS);
    expect(asked).toHaveLength(20);
  });

  test.each([[null], [{}], [{ retCode: 10_006, retMsg: "Too many visits" }], [page([])]])("%j is refused", async (body) => {
    await expect(bybit.loadInstruments(answering([body]), ENDPOINTS)).rejects.toThrow(/Bybit/);
  });
});
