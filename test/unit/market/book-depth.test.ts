import { describe, expect, test } from "vitest";
import type { BookLevel } from "../../../src/exchanges/exchange.ts";
import { bookDepth } from "../../../src/market/book-depth.ts";
import { anInstrument } from "./market-fixtures.ts";

describe("what a book says", () => {
  test("depth counts the levels within 25 bps of mid on each side, in USD", () => {
    // mid 10 000: 25 bps reach from 9 975 to 10 025.
    const bids: BookLevel[] = [
      ["9999", "1"],
      ["9975", "2"],
      ["9974", "100"],
    ];
    const asks: BookLevel[] = [
      ["10001", "0.5"],
      ["10025", "1"],
      ["10026", "100"],
    ];
    expect(bookDepth({ bids, asks }, anInstrument())).toEqual({
      bestBid: 9999,
      bestAsk: 10_001,
      bidDepthUsd: 9999 + 2 * 9975,
      askDepthUsd: 0.5 * 10_001 + 10_025,
    });
  });

  test("depth counts at most 20 levels a side", () => {
    const bids = Array.from({ length: 30 }, (_, index): BookLevel => [10_000 - index * 0.1, 1]);
    const depth = bookDepth({ bids, asks: [[10_000.1, 1]] }, anInstrument());
    expect(depth?.bidDepthUsd).toBeCloseTo(20 * 10_000 - 0.1 * 190, 6);
  });

  test("sizes in contracts are turned into coins, and a multiplier contract's price into the coin's", () => {
    const okx = anInstrument({ contract: { kind: "base", size: 0.01 } });
    expect(bookDepth({ bids: [["9999", "200"]], asks: [["10001", "100"]] }, okx)).toMatchObject({
      bidDepthUsd: 19_998,
      askDepthUsd: 10_001,
    });
    const pepe = anInstrument({ scale: 1000 });
    expect(bookDepth({ bids: [["0.010", "5000"]], asks: [["0.01001", "1000"]] }, pepe)).toMatchObject({
      bestBid: 0.000_01,
      bidDepthUsd: 50,
    });
  });

  test("an inverse contract's size is already USD", () => {
    const inverse = anInstrument({ contract: { kind: "inverse", usd: 100 } });
    expect(bookDepth({ bids: [["9999", "7"]], asks: [["10001", "3"]] }, inverse)).toMatchObject({ bidDepthUsd: 700, askDepthUsd: 300 });
  });

  test("an unknown contract size leaves the depth unknown, not the touch", () => {
    const unknown = anInstrument({ contract: { kind: "base", size: null } });
    expect(bookDepth({ bids: [["9999", "7"]], asks: [["10001", "3"]] }, unknown)).toEqual({
      bestBid: 9999,
      bestAsk: 10_001,
      bidDepthUsd: null,
      askDepthUsd: null,
    });
  });

  test.each<[string, BookLevel[], BookLevel[]]>([
    ["crossed", [["101", "1"]], [["100", "1"]]],
    ["locked", [["100", "1"]], [["100", "1"]]],
    ["without bids", [], [["100", "1"]]],
    ["without asks", [["100", "1"]], []],
    ["empty", [], []],
    ["of size zero only", [["99", "0"]], [["100", "1"]]],
    ["with a price of zero", [["0", "1"]], [["100", "1"]]],
    ["with a negative price", [["99", "1"]], [["-100", "1"]]],
    ["with a negative size", [["99", "-1"]], [["100", "1"]]],
    ["with no number", [["99", "x"]], [["100", "1"]]],
  ])("a book %s says nothing", (_, bids, asks) => {
    expect(bookDepth({ bids, asks }, anInstrument())).toBeNull();
  });
});
