import { describe, expect, test } from "vitest";
import type { Instrument, RequestJson, Scope } from "../../../../src/exchanges/exchange.ts";
import { kucoin } from "../../../../src/exchanges/kucoin/kucoin.ts";
import { ENDPOINTS, INVERSE, SCOPE, THOUSAND_BONK, scopeOf } from "./kucoin-fixtures.ts";

function answering(body: unknown, asked: string[] = []): RequestJson {
  return async (url, options) => {
    asked.push(`${options?.method ?? "GET"} ${url}`);
    return body;
  };
}

function tokenBody(server: object): unknown {
  return { code: "200000", data: { token: "a+b==", instanceServers: [server] } };
}

const subscribeFrames = (scope: Scope, index: number) =>
  (kucoin.sockets(scope, ENDPOINTS)[index]?.subscribe ?? []).map((frame): Record<string, string> => JSON.parse(frame));

const topicsOf = (scope: Scope) => subscribeFrames(scope, 0).map((frame) => frame.topic);

const load = (body: unknown) => kucoin.loadInstruments(async () => body, ENDPOINTS);

const loadRows = (...rows: unknown[]) => load({ code: "200000", data: rows });

describe("the handshake", () => {
  const [classic] = kucoin.sockets(SCOPE, ENDPOINTS);

  test("a POST brings the address, which is opened as https with token and connect id", async () => {
    const asked: string[] = [];
    const server = { endpoint: "wss://push.example/endpoint", protocol: "websocket", pingInterval: 12_000 };
    const address = await classic?.address(answering(tokenBody(server), asked), "id-7");
    expect(asked).toEqual(["POST http://127.0.0.1:1/api/v1/bullet-public"]);
    expect(address).toEqual({ url: "https://push.example/endpoint?token=a%2Bb%3D%3D&connectId=id-7", keepaliveIntervalMs: 12_000 });
  });

  test("a plain ws address becomes http, and a long ping interval is cut to 18 s", async () => {
    const server = { endpoint: "ws://127.0.0.1:9/", pingInterval: 60_000 };
    const address = await classic?.address(answering(tokenBody(server)), "x");
    expect(address).toEqual({ url: "http://127.0.0.1:9/?token=a%2Bb%3D%3D&connectId=x", keepaliveIntervalMs: 18_000 });
  });

  test("without a ping interval the plan's own stands", async () => {
    expect(await classic?.address(answering(tokenBody({ endpoint: "wss://a/" })), "x")).not.toHaveProperty("keepaliveIntervalMs");
  });

  test.each([
    [{ code: "429000", msg: "too many requests" }, 'code "429000", too many requests'],
    [{ code: "200000", data: { token: "secret-token" } }, 'code "200000", data with token'],
    [{ code: "200000", data: { token: "secret-token", instanceServers: [] } }, "instanceServers"],
    [{ code: "200000", data: { instanceServers: [{ endpoint: "wss://a/" }] } }, "data with instanceServers"],
    [null, "null"],
    ["oops", "string"],
  ])("%j is refused by naming what came, never the token", async (body, named) => {
    const failure = await classic?.address(answering(body), "x").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).toContain(named);
    expect(String(failure)).not.toContain("secret-token");
  });
});

describe("the sockets", () => {
  test("the classic one waits for its welcome and asks for three topics of the scope's instruments", () => {
    expect(kucoin.sockets(SCOPE, ENDPOINTS)[0]).toMatchObject({
      name: "classic",
      role: "liquidations",
      waitForWelcome: true,
      controlTimeoutMs: 15_000,
    });
    expect(subscribeFrames(scopeOf(new Set(["BTC", "SOL"])), 0).map((frame) => frame.topic)).toEqual([
      "/contract/instrument:XBTUSDTM,SOLUSDTM",
      "/contractMarket/tickerV2:XBTUSDTM,SOLUSDTM",
      "/contractMarket/level2Depth50:XBTUSDTM,SOLUSDTM",
    ]);
  });

  test("the trades are asked for only where liquidations are to be inferred", () => {
    const scope = scopeOf(new Set(["BTC", "SOL"]));
    const more = topicsOf({ ...scope, inferred: true }).filter((topic) => !topicsOf(scope).includes(topic));
    expect(more).toEqual(["/contractMarket/execution:XBTUSDTM,SOLUSDTM"]);
    expect(topicsOf({ ...scope, inferred: false })).toEqual(topicsOf(scope));
  });

  test("no frame has more than 100 topics, no id comes twice and no instrument is missing", () => {
    const many = Array.from({ length: 230 }, (_, index): Instrument => ({ ...INVERSE, instrument: `C${index}`, symbol: "BTC" }));
    const sent = subscribeFrames(scopeOf(new Set(["BTC"]), many), 0);
    const names = sent.map((frame) => frame.topic?.split(":")[1]?.split(",") ?? []);
    expect(Math.max(...names.map((list) => list.length))).toBe(100);
    expect(names.flat()).toHaveLength(3 * 231);
    expect(new Set(sent.map((frame) => frame.id)).size).toBe(sent.length);
  });

  test("the UTA one asks for the mark price with open interest, one instrument a frame", () => {
    const [, uta] = kucoin.sockets(scopeOf(new Set(["ETH"])), ENDPOINTS);
    expect(uta).toMatchObject({ name: "uta", role: "market", waitForWelcome: true });
    expect(subscribeFrames(scopeOf(new Set(["ETH"])), 1)).toEqual([
      { id: "mark-price:ETHUSDTM", action: "SUBSCRIBE", channel: "mark-price", tradeType: "FUTURES", symbol: "ETHUSDTM" },
    ]);
  });

  test("both send a JSON ping with an id of its own at most every 18 s, which is well within the server's patience", () => {
    for (const { keepalive } of kucoin.sockets(SCOPE, ENDPOINTS)) {
      expect(keepalive?.intervalMs).toBeLessThanOrEqual(18_000);
      expect(JSON.parse(keepalive?.frame(3) ?? "")).toMatchObject({ type: "ping" });
      expect(keepalive?.frame(3)).not.toBe(keepalive?.frame(4));
    }
  });

  test("an instrument that is not traded or not in the scope is not subscribed", () => {
    const paused = { ...THOUSAND_BONK, trading: false };
    expect(JSON.stringify(subscribeFrames(scopeOf(new Set(["BTC", "BONK"]), [paused]), 0))).not.toMatch(/BONK|ETH/u);
  });
});

describe("the table of contracts", () => {
  const row = {
    symbol: "XBTUSDTM",
    type: "FFWCSX",
    baseCurrency: "XBT",
    quoteCurrency: "USDT",
    multiplier: 0.001,
    isInverse: false,
    status: "Open",
  };

  test("XBT is BTC and a lot is the multiplier in coins", async () => {
    expect(await loadRows(row)).toEqual([
      { instrument: "XBTUSDTM", symbol: "BTC", quote: "USDT", scale: 1, contract: { kind: "base", size: 0.001 }, trading: true },
    ]);
  });

  test("the multiplier -1 of an inverse contract is one USD a lot", async () => {
    const inverse = { ...row, symbol: "XBTUSDM", quoteCurrency: "USD", multiplier: -1, isInverse: true };
    expect(await loadRows(inverse)).toEqual([INVERSE]);
  });

  test("an unknown multiplier is an unknown size, not one", async () => {
    expect(await loadRows({ ...row, multiplier: null }, { ...row, symbol: "I", multiplier: 5, isInverse: true })).toMatchObject([
      { contract: { kind: "base", size: null } },
      { contract: { kind: "inverse", usd: null } },
    ]);
  });

  test("a 1000-coin contract is rescaled to its coin", async () => {
    expect(await loadRows({ ...row, baseCurrency: "1000BONK" })).toMatchObject([{ symbol: "BONK", scale: 1000 }]);
  });

  test("dated futures and broken rows are left out, paused contracts are not traded", async () => {
    const loaded = await loadRows({ ...row, type: "FFICSX" }, null, { type: "FFWCSX" }, { ...row, status: "Paused" });
    expect(loaded).toMatchObject([{ instrument: "XBTUSDTM", trading: false }]);
  });

  test.each([[{ code: "400100", msg: "bad" }], [{ code: "200000", data: [] }], [[]], [null]])("%j is no table", async (body) => {
    await expect(load(body)).rejects.toThrow(/KuCoin contracts\/active/u);
  });
});
