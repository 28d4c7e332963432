import { describe, expect, test } from "vitest";
import type { BookLevel, BookLevels } from "../../../src/exchanges/exchange.ts";
import { bookDepth } from "../../../src/market/book-depth.ts";
import { readSide } from "../../../src/market/book-side.ts";
import { anInstrument } from "./market-fixtures.ts";

/** What a whole book says, given as its levels. */
function depthOf({ bids, asks }: BookLevels, instrument = anInstrument()) {
  const [bidSide, askSide] = [readSide(bids), readSide(asks)];
  return bidSide === null || askSide === null ? null : bookDepth({ bids: bidSide, asks: askSide }, instrument);
}

/** Far beyond 25 bps, so that the depth is known. */
const FAR: BookLevels = { bids: [["1", "1"]], asks: [["99999", "1"]] };

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
    expect(depthOf({ bids, asks })).toEqual({
      bestBid: 9999,
      bestAsk: 10_001,
      reachBps: 26,
      bidDepthUsd: 9999 + 2 * 9975,
      askDepthUsd: 0.5 * 10_001 + 10_025,
    });
  });

  test("depth counts all levels, however many there are", () => {
    const bids = Array.from({ length: 600 }, (_, index): BookLevel => [10_000 - index * 0.1, 1]);
    const depth = depthOf({ bids, asks: [[10_000.1, 1], ...FAR.asks] });
    // 25 bps under 10 000.05 are 9 975.049 875: down to 9 975.1, 250 levels.
    expect(depth?.bidDepthUsd).toBeCloseTo(250 * 10_000 - 0.1 * 31_125, 6);
  });

  test("the depth of both sides is unknown where one does not reach 25 bps, and the reach says how far both do", () => {
    const bids: BookLevel[] = [
      ["9999", "1"],
      ["9950", "1"],
    ];
    const asks: BookLevel[] = [
      ["10001", "1"],
      ["10024", "1"],
    ];
    expect(depthOf({ bids, asks })).toEqual({ bestBid: 9999, bestAsk: 10_001, reachBps: 24, bidDepthUsd: null, askDepthUsd: null });
    expect(depthOf({ bids, asks: [...asks, ["10025", "2"]] })).toMatchObject({ reachBps: 25, askDepthUsd: 10_001 + 10_024 + 20_050 });
  });

  test("sizes in contracts are turned into coins, and a multiplier contract's price into the coin's", () => {
    const okx = anInstrument({ contract: { kind: "base", size: 0.01 } });
    expect(depthOf({ bids: [["9999", "200"], ...FAR.bids], asks: [["10001", "100"], ...FAR.asks] }, okx)).toMatchObject({
      bidDepthUsd: 19_998,
      askDepthUsd: 10_001,
    });
    const pepe = anInstrument({ scale: 1000 });
    expect(
      depthOf(
        {
          bids: [
            ["0.010", "5000"],
            ["0.009", "1"],
          ],
          asks: [
            ["0.01001", "1000"],
            ["0.011", "1"],
          ],
        },
        pepe,
      ),
    ).toMatchObject({
      bestBid: 0.000_01,
      bidDepthUsd: 50,
    });
  });

  test("an inverse contract's size is already USD", () => {
    const inverse = anInstrument({ contract: { kind: "inverse", usd: 100 } });
    expect(depthOf({ bids: [["9999", "7"], ...FAR.bids], asks: [["10001", "3"], ...FAR.asks] }, inverse)).toMatchObject({
      bidDepthUsd: 700,
      askDepthUsd: 300,
    });
  });

  test("an unknown contract size leaves the depth unknown, not the touch", () => {
    const unknown = anInstrument({ contract: { kind: "base", size: null } });
    expect(depthOf({ bids: [["9999", "7"], ...FAR.bids], asks: [["10001", "3"], ...FAR.asks] }, unknown)).toMatchObject({
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
    expect(depthOf({ bids, asks })).toBeNull();
  });
});
