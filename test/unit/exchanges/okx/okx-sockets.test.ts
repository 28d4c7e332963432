import { describe, expect, test } from "vitest";
import type { Instrument } from "../../../../src/exchanges/exchange.ts";
import { okx } from "../../../../src/exchanges/okx/okx.ts";
import { answering, scopeOf } from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };

function swap(instrument: string, symbol: string, contract: Instrument["contract"]): Instrument {
  return { instrument, symbol, quote: "USDT", scale: 1, contract, trading: true };
}

const argsOf = (frame: string | undefined) => JSON.parse(frame ?? "{}").args;

describe("the socket", () => {
  test("takes all swaps' liquidations and the market channels of the USDT swaps asked for", async () => {
    const [plan, ...more] = okx.sockets(scopeOf(okx, ["ETH"]), ENDPOINTS);
    expect(more).toEqual([]);
    expect(await plan?.address(answering([]), "id")).toEqual({ url: "http://venue.test/ws/v5/public" });
    expect(argsOf(plan?.subscribe[0])).toEqual([{ channel: "liquidation-orders", instType: "SWAP" }]);
    expect(argsOf(plan?.subscribe[1])).toEqual([
      { channel: "mark-price", instId: "ETH-USDT-SWAP" },
      { channel: "index-tickers", instId: "ETH-USDT" },
      { channel: "funding-rate", instId: "ETH-USDT-SWAP" },
      { channel: "open-interest", instId: "ETH-USDT-SWAP" },
      { channel: "books", instId: "ETH-USDT-SWAP" },
    ]);
    expect(argsOf(plan?.subscribe[2])).toEqual([{ channel: "adl-warning", instType: "SWAP" }]);
    expect(plan?.subscribe).toHaveLength(3);
  });

  test("pings in plain text below the venue's 30 s", () => {
    const [plan] = okx.sockets(scopeOf(okx, ["ETH"]), ENDPOINTS);
    expect(plan?.keepalive?.frame(1)).toBe("ping");
    expect(plan?.keepalive?.intervalMs).toBe(20_000);
  });

  test("for all symbols has market channels of the three large ones only", () => {
    const doge = swap("DOGE-USDT-SWAP", "DOGE", { kind: "base", size: 1000 });
    const [plan] = okx.sockets(scopeOf(okx, "*", [doge]), ENDPOINTS);
    const args = argsOf(plan?.subscribe[1]);
    expect(args).toHaveLength(15);
    expect(JSON.stringify(args)).not.toContain("DOGE");
  });

  test("always has a mark price to show that it delivers", () => {
    const [plan] = okx.sockets(scopeOf(okx, ["XRP"]), ENDPOINTS);
    expect(argsOf(plan?.subscribe[1])).toEqual([{ channel: "mark-price", instId: "BTC-USDT-SWAP" }]);
  });
});

describe("instrument table", () => {
  const LISTED = { instId: "BTC-USDT-SWAP", ctVal: "0.01", ctMult: "1", ctValCcy: "BTC", ctType: "linear", state: "live" };

  test("multiplies contract value and multiplier, in coins or dollars, and leaves other families", async () => {
    const rows = [
      LISTED,
      { ...LISTED, instId: "DOGE-USDT-SWAP", ctVal: "100", ctMult: "10", ctValCcy: "DOGE", state: "suspend" },
      { ...LISTED, instId: "BTC-USD-SWAP", ctVal: "100", ctValCcy: "USD", ctType: "inverse" },
      { ...LISTED, instId: "ETH-USDT-SWAP", ctVal: "", ctValCcy: "ETH" },
      { ...LISTED, instId: "SOL-USDT-SWAP", ctValCcy: "USDT" },
      { ...LISTED, instId: "BTC-USDT_UM-SWAP" },
      { instId: 5 },
    ];
    const asked: string[] = [];
    const table = await okx.loadInstruments(answering([{ code: "0", data: rows }], asked), ENDPOINTS);
    expect(asked).toEqual(["http://rest.test/api/v5/public/instruments?instType=SWAP"]);
    expect(table.map(({ instrument, symbol, quote, contract, trading }) => [instrument, symbol, quote, contract, trading])).toEqual([
      ["BTC-USDT-SWAP", "BTC", "USDT", { kind: "base", size: 0.01 }, true],
      ["DOGE-USDT-SWAP", "DOGE", "USDT", { kind: "base", size: 1000 }, false],
      ["BTC-USD-SWAP", "BTC", "USD", { kind: "inverse", usd: 100 }, true],
      ["ETH-USDT-SWAP", "ETH", "USDT", { kind: "base", size: null }, true],
      ["SOL-USDT-SWAP", "SOL", "USDT", { kind: "base", size: null }, true],
    ]);
  });

  test.each([[null], [{}], [{ code: "50011", data: [] }], [{ code: "0", data: [] }]])("%j is refused", async (body) => {
    await expect(okx.loadInstruments(answering([body]), ENDPOINTS)).rejects.toThrow(/OKX/);
  });
});

function kindsOfRefusal(channel: string): readonly string[] {
  const msg = `Wrong URL or channel:${channel},instType:SWAP doesn't exist. Please use the correct URL, channel and parameters.`;
  const frame = JSON.stringify({ event: "error", code: "60018", msg, connId: "c" });
  return okx
    .createDecoder(scopeOf(okx, ["ETH"]))
    .decode(frame, 1)
    .map(({ kind }) => kind);
}

test("a refusal of the liquidation channel asks for a new connection, one of another channel does not", () => {
  expect(kindsOfRefusal("liquidation-orders")).toEqual(["error", "reconnect"]);
  expect(kindsOfRefusal("mark-price")).toEqual(["error"]);
});

function warning(ws: string): string | null {
  return okx.addressWarning({ ws, rest: "https://www.okx.com" });
}

test("an address on the port that OKX closed is warned of by name, any other is not", () => {
  expect(warning("https://ws.okx.com:8443")).toMatch(/^OKX_WS_URL is https:\/\/ws\.okx\.com:8443, .*port 8443 since 2026-10-31/);
  expect(warning(okx.endpoints.ws)).toBeNull();
  expect(warning("http://127.0.0.1:9100")).toBeNull();
});
