import { describe, expect, test } from "vitest";
import { bybit } from "../../../../src/exchanges/bybit/bybit.ts";
import type { FeedMessage } from "../../../../src/exchanges/exchange.ts";
import { RECEIVED_TIME, kindsOf, onlyReason, readFrame, scopeOf } from "../frame-reading.ts";

const SNAPSHOT = {
  topic: "tickers.BTCUSDT",
  type: "snapshot",
  ts: 1_795_000_000_100,
  data: {
    symbol: "BTCUSDT",
    markPrice: "80000.5",
    indexPrice: "80001.5",
    fundingRate: "-0.0001",
    openInterest: "100000.5",
    openInterestValue: "1",
    bid1Price: "80000.0",
    bid1Size: "2",
    ask1Price: "80000.1",
    ask1Size: "3",
  },
};
const delta = (data: object, ts = 1_795_000_000_200) => ({
  topic: "tickers.BTCUSDT",
  type: "delta",
  ts,
  data: { symbol: "BTCUSDT", ...data },
});

/** The readings of the last of the frames. */
function readAll(frames: readonly unknown[]): readonly FeedMessage[] | undefined {
  const decoder = bybit.createDecoder(scopeOf(bybit, ["BTC"]));
  return frames.map((frame) => decoder.decode(JSON.stringify(frame), RECEIVED_TIME)).at(-1);
}

function openInterestAfter(data: object): FeedMessage | undefined {
  return readAll([SNAPSHOT, delta(data)])?.find(({ kind }) => kind === "open_interest");
}

describe("tickers", () => {
  test("a snapshot gives mark, index, funding, open interest and quote", () => {
    expect(readAll([SNAPSHOT])).toEqual([
      { kind: "mark", instrument: "BTCUSDT", price: 80_000.5, time: 1_795_000_000_100 },
      { kind: "index", instrument: "BTCUSDT", price: 80_001.5 },
      { kind: "funding", instrument: "BTCUSDT", rate: -0.0001 },
      { kind: "open_interest", instrument: "BTCUSDT", quantity: 50_000.25 },
      { kind: "quote", instrument: "BTCUSDT", bid: 80_000, ask: 80_000.1 },
    ]);
  });

  test("the turnover of a contract in dollars and its funding interval are confirmed by each delta, too", () => {
    const first = delta({ turnover24h: "4273027716.4294", fundingIntervalHour: "4" });
    const confirmed = readAll([SNAPSHOT, first, delta({ ask1Price: "80000.3" })]);
    expect(confirmed).toContainEqual({ kind: "turnover", instrument: "BTCUSDT", usd: 4_273_027_716.4294 });
    expect(confirmed).toContainEqual({ kind: "funding_interval", instrument: "BTCUSDT", intervalMs: 14_400_000 });
  });

  test("a delta confirms what it does not name", () => {
    expect(readAll([SNAPSHOT, delta({ ask1Price: "80000.3" })])).toEqual([
      { kind: "mark", instrument: "BTCUSDT", price: 80_000.5, time: 1_795_000_000_200 },
      { kind: "index", instrument: "BTCUSDT", price: 80_001.5 },
      { kind: "funding", instrument: "BTCUSDT", rate: -0.0001 },
      { kind: "open_interest", instrument: "BTCUSDT", quantity: 50_000.25 },
      { kind: "quote", instrument: "BTCUSDT", bid: 80_000, ask: 80_000.3 },
    ]);
  });

  test("open interest is of one side: what the venue sends as that, else half of both", () => {
    const oneSide = { kind: "open_interest", instrument: "BTCUSDT", quantity: 26_332.321 };
    expect(openInterestAfter({ openInterest: "52664.642", singleOpenInterest: "26332.321" })).toEqual(oneSide);
    expect(openInterestAfter({ openInterest: "52664.642" })).toEqual(oneSide);
    expect(openInterestAfter({ singleOpenInterest: "26332.321" })).toEqual(oneSide);
    expect(openInterestAfter({ openInterest: "52664.642", singleOpenInterest: "" })).toBeUndefined();
  });

  test("an empty value takes back what was known", () => {
    expect(kindsOf(readAll([SNAPSHOT, delta({ bid1Price: "" })]) ?? [])).toEqual(["mark", "index", "funding", "open_interest"]);
  });

  test("a new snapshot forgets what it does not name", () => {
    expect(kindsOf(readAll([SNAPSHOT, { ...SNAPSHOT, data: { symbol: "BTCUSDT", markPrice: "1" } }]) ?? [])).toEqual(["mark"]);
  });

  test("the state of one symbol or session is not another's", () => {
    const other = delta({ symbol: "ETHUSDT", markPrice: "3000" });
    expect(readAll([SNAPSHOT, other])).toEqual([{ kind: "mark", instrument: "ETHUSDT", price: 3000, time: 1_795_000_000_200 }]);
    expect(readAll([delta({ ask1Price: "80000.3" })])).toEqual([]);
  });

  test("prices of a multiplied contract are rescaled, open interest too", () => {
    const frame = { ...SNAPSHOT, data: { symbol: "1000PEPEUSDT", markPrice: "0.5", openInterest: "6" } };
    const contract = { kind: "base", size: 1 } as const;
    const pepe = { instrument: "1000PEPEUSDT", symbol: "PEPE", quote: "USDT", scale: 1000, contract, trading: true };
    expect(readFrame(bybit, frame, scopeOf(bybit, "*", [pepe]))).toEqual([
      { kind: "mark", instrument: "1000PEPEUSDT", price: 0.0005, time: 1_795_000_000_100 },
      { kind: "open_interest", instrument: "1000PEPEUSDT", quantity: 3000 },
    ]);
  });

  test("one of an instrument outside the table is rejected, and holds no memory", () => {
    const frame = { ...SNAPSHOT, data: { symbol: "NOSUCHUSDT", markPrice: "0.5" } };
    expect(onlyReason(readFrame(bybit, frame))).toBe("ticker of an instrument outside the table");
  });

  test("without a symbol a ticker is rejected", () => {
    expect(onlyReason(readFrame(bybit, { topic: "tickers.X", data: {} }))).toBe("malformed ticker");
  });
});

const book = (type: string, u: number | undefined, b: unknown = [["80000.00", "1.5"]]) => ({
  topic: "orderbook.200.BTCUSDT",
  type,
  ts: 1,
  data: { s: "BTCUSDT", b, a: [["80000.10", "0"]], u, seq: 9 },
});

describe("order book", () => {
  const levels = { bids: [[80_000, 1.5]], asks: [[80_000.1, 0]] };

  test.each([
    ["a snapshot", book("snapshot", 7), "snapshot", 7],
    ["a delta", book("delta", 8), "delta", 8],
    ["a delta numbered 1, the venue's restart", book("delta", 1), "snapshot", 1],
  ])("%s has its levels", (_, frame, action, sequence) => {
    expect(readFrame(bybit, frame)).toEqual([{ kind: "book", instrument: "BTCUSDT", action, ...levels, sequence }]);
  });

  test("one in another spelling keeps the levels as the venue spelled them", () => {
    const spelled = { bids: [["80000.00", "1.5"]], asks: [["80000.10", "0"]] };
    expect(readFrame(bybit, book("delta", undefined))).toEqual([
      { kind: "book", instrument: "BTCUSDT", action: "delta", ...spelled, sequence: null },
    ]);
  });

  test.each([[book("other", 1)], [book("delta", 2, "x")], [book("delta", 2, [["1"]])], [{ topic: "orderbook.50.X", type: "delta" }]])(
    "a malformed one is rejected",
    (frame) => {
      expect(onlyReason(readFrame(bybit, frame))).toBe("malformed order book");
    },
  );

  test("another depth than asked for is named", () => {
    expect(onlyReason(readFrame(bybit, { topic: "orderbook.1.BTCUSDT", type: "snapshot", data: {} }))).toBe(
      "unexpected topic orderbook.1.BTCUSDT",
    );
  });
});
