import { describe, expect, test } from "vitest";
import { binance } from "../../../../src/exchanges/binance/binance.ts";
import type { Instrument } from "../../../../src/exchanges/exchange.ts";
import { RECEIVED_TIME, scopeOf } from "../frame-reading.ts";

const REST = { ws: "", rest: "http://venue.test" };

function contract(instrument: string, symbol: string, quote = "USDT"): Instrument {
  return { instrument, symbol, quote, scale: 1, contract: { kind: "base", size: 1 }, trading: true };
}

/** Weight by the venue's documentation, of all requests in a minute. */
function weightPerMinute(symbols: readonly string[] | "*", extra: readonly Instrument[] = []): number {
  return binance.polls(scopeOf(binance, symbols, extra), REST).reduce((sum, { url, intervalMs }) => {
    const weight = url.includes("limit=1000") ? 20 : url.includes("limit=100&") ? 5 : 1;
    return sum + (weight * 60_000) / intervalMs;
  }, 0);
}

test("polls cost at most a third of what the venue allows an address, however many contracts there are", () => {
  const many = Array.from({ length: 500 }, (_, index) => contract(`C${index}USDT`, `C${index}`));
  const names = many.map(({ symbol }) => symbol);
  expect(weightPerMinute(["BTC", "ETH", "SOL"])).toBeLessThanOrEqual(800);
  expect(weightPerMinute("*", many)).toBeLessThanOrEqual(800);
  expect(weightPerMinute(["BTC", "ETH", "SOL", ...names], many)).toBeLessThanOrEqual(801);
});

test("with all symbols only the three large ones are polled, those in USDT first", () => {
  const polls = binance.polls(scopeOf(binance, "*", [contract("XRPUSDT", "XRP")]), REST);
  const polled = polls.filter(({ what }) => what === "open_interest").flatMap(({ contracts }) => contracts);
  expect(polled).toEqual(["BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSDC", "ETHUSDC", "SOLUSDC"]);
  expect(polls.filter(({ what }) => what === "book").flatMap(({ contracts }) => contracts)).toEqual([
    "BTCUSDT",
    "ETHUSDT",
    "SOLUSDT",
    "SOLUSDC",
  ]);
});

describe("responses", () => {
  const pepe: Instrument = { ...contract("1000PEPEUSDT", "PEPE"), scale: 1000 };
  const polls = binance.polls(scopeOf(binance, ["PEPE"], [pepe]), REST);
  const read = (what: string, body: unknown) => polls.find((poll) => poll.what === what)?.read(JSON.stringify(body), RECEIVED_TIME);

  const intervalIn = (body: unknown) => read("funding_interval", body)?.[0];

  test("open interest of a multiplied contract is in base units, its turnover in dollars", () => {
    expect(read("open_interest", { symbol: "1000PEPEUSDT", openInterest: "12.5", time: 1 })).toEqual([
      { kind: "open_interest", instrument: "1000PEPEUSDT", quantity: 12_500 },
    ]);
    expect(read("turnover", { symbol: "1000PEPEUSDT", quoteVolume: "345.6", volume: "9" })).toEqual([
      { kind: "turnover", instrument: "1000PEPEUSDT", usd: 345.6 },
    ]);
  });

  test("a contract is settled every eight hours unless the venue lists it with another interval", () => {
    const message = { kind: "funding_interval", instrument: "1000PEPEUSDT" };
    expect(intervalIn([{ symbol: "BTCUSDT", fundingIntervalHours: 4 }])).toEqual({ ...message, intervalMs: 28_800_000 });
    expect(intervalIn([{ symbol: "1000PEPEUSDT", fundingIntervalHours: 4 }])).toEqual({ ...message, intervalMs: 14_400_000 });
  });

  test("a whole book is passed on unparsed, and read as one", () => {
    const text = JSON.stringify({ lastUpdateId: 1, E: 2, T: 3, bids: [["7.6110", "6"]], asks: [["7.6120", "161"]] });
    expect(polls.find(({ what }) => what === "book")?.read(text, RECEIVED_TIME)).toEqual([
      { kind: "book_text", instrument: "1000PEPEUSDT", text },
    ]);
    expect(binance.readBook(text)).toEqual({ bids: [["7.6110", "6"]], asks: [["7.6120", "161"]] });
  });

  test.each(["open_interest", "turnover", "funding_interval"])("%s that is something else is a reject", (what) => {
    for (const body of [null, 5, {}, { symbol: "BTCUSDT" }]) expect(read(what, body)?.[0]).toMatchObject({ kind: "reject" });
  });
});
