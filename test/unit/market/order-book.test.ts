import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BookLevel } from "../../../src/exchanges/exchange.ts";
import type { LevelReader } from "../../../src/market/book-side.ts";
import { OrderBook } from "../../../src/market/order-book.ts";
import { aBook } from "./market-fixtures.ts";

/** Both sides from the best level outwards. */
function levelsOf(book: OrderBook) {
  const sides = book.sides();
  return sides === null ? null : { bids: rowsOf(sides.bids), asks: rowsOf(sides.asks) };
}

function rowsOf(side: LevelReader): readonly (readonly [number, number])[] {
  return Array.from({ length: side.length }, (_, index) => [side.price(index), side.size(index)]);
}

describe("a book of snapshot and deltas", () => {
  test("replaces levels, adds new ones and deletes those of size zero, sorted from the touch outwards", () => {
    const book = new OrderBook();
    book.apply(
      aBook(
        "snapshot",
        [
          ["99", "1"],
          ["98", "2"],
        ],
        [
          ["101", "3"],
          ["102", "4"],
        ],
        10,
      ),
    );
    expect(
      book.apply(
        aBook(
          "delta",
          [
            ["99", "0"],
            ["98.5", "7"],
          ],
          [["101", "5"]],
          11,
        ),
      ),
    ).toBeNull();
    expect(levelsOf(book)).toEqual({
      bids: [
        [98.5, 7],
        [98, 2],
      ],
      asks: [
        [101, 5],
        [102, 4],
      ],
    });
  });

  test("is unknown from a skipped number until the next snapshot, and says so once", () => {
    const book = new OrderBook();
    book.apply(aBook("snapshot", [["99", "1"]], [["101", "1"]], 10));
    expect(book.apply(aBook("delta", [["98", "1"]], [], 12))).toBe("book_sequence_break");
    expect(levelsOf(book)).toBeNull();
    expect(book.apply(aBook("snapshot", [["97", "1"]], [["103", "1"]], 40))).toBeNull();
    expect(levelsOf(book)).toEqual({ bids: [[97, 1]], asks: [[103, 1]] });
  });

  test("is unknown where the venue's numbers run back", () => {
    const book = new OrderBook();
    book.apply(aBook("snapshot", [["99", "1"]], [["101", "1"]], 10));
    expect(book.apply(aBook("delta", [], [], 3))).toBe("book_sequence_break");
    expect(levelsOf(book)).toBeNull();
  });

  test("is replaced by an update numbered 1, which comes when the venue's service restarts", () => {
    const book = new OrderBook();
    book.apply(aBook("snapshot", [["99", "1"]], [["101", "1"]], 10));
    expect(book.apply(aBook("delta", [["90", "2"]], [["110", "2"]], 1))).toBeNull();
    expect(levelsOf(book)).toEqual({ bids: [[90, 2]], asks: [[110, 2]] });
    expect(book.apply(aBook("delta", [["91", "1"]], [], 2))).toBeNull();
  });

  test("takes a repeated number as the repeat it is", () => {
    const book = new OrderBook();
    book.apply(aBook("snapshot", [["99", "1"]], [["101", "1"]], 10));
    expect(book.apply(aBook("delta", [["99", "4"]], [], 10))).toBeNull();
    expect(levelsOf(book)?.bids).toEqual([[99, 4]]);
  });

  test("follows updates that name the one before, by whatever step", () => {
    const book = new OrderBook();
    book.apply({ ...aBook("snapshot", [["99", "1"]], [["101", "1"]], 1000), previousSequence: -1 });
    expect(book.apply({ ...aBook("delta", [["98", "1"]], [], 1017), previousSequence: 1000 })).toBeNull();
    // Nothing changed for a while: the venue repeats the number.
    expect(book.apply({ ...aBook("delta", [], [], 1017), previousSequence: 1017 })).toBeNull();
    // The venue's numbers start over, and the next update names the new one.
    expect(book.apply({ ...aBook("delta", [["97", "1"]], [], 3), previousSequence: 1017 })).toBeNull();
    expect(book.apply({ ...aBook("delta", [["97", "2"]], [], 9), previousSequence: 3 })).toBeNull();
    expect(levelsOf(book)?.bids).toEqual([
      [99, 1],
      [98, 1],
      [97, 2],
    ]);
    expect(book.apply({ ...aBook("delta", [["96", "1"]], [], 10), previousSequence: 8 })).toBe("book_sequence_break");
    expect(book.isKnown).toBe(false);
  });

  test("takes deltas in order where the venue has no numbers", () => {
    const book = new OrderBook();
    book.apply(aBook("snapshot", [[99, 1]], [[101, 1]]));
    expect(book.apply(aBook("delta", [[99, 0]], []))).toBeNull();
    expect(levelsOf(book)).toEqual({ bids: [], asks: [[101, 1]] });
  });

  test("stays unknown on deltas before any snapshot", () => {
    const book = new OrderBook();
    expect(book.apply(aBook("delta", [["99", "1"]], [["101", "1"]], 5))).toBe("book_without_snapshot");
    expect(levelsOf(book)).toBeNull();
  });

  test.each([
    ["-1", "1"],
    ["0", "1"],
    ["99", "-2"],
    ["abc", "1"],
    ["99", "NaN"],
  ])("is unknown after the level %s × %s", (price, size) => {
    const book = new OrderBook();
    book.apply(aBook("snapshot", [["99", "1"]], [["101", "1"]], 10));
    expect(book.apply(aBook("delta", [[price, size]], [], 11))).toBe("book_bad_level");
    expect(levelsOf(book)).toBeNull();
  });

  test("is unknown rather than grow without end when deletions are missing", () => {
    const book = new OrderBook();
    book.apply(aBook("snapshot", [["1", "1"]], [["2000", "1"]], 1));
    const many: BookLevel[] = Array.from({ length: 1500 }, (_, index) => [String(index + 1), "1"]);
    expect(book.apply(aBook("delta", many, [], 2))).toBe("book_bad_level");
  });

  test("equals a map rebuilt from the whole history, for any deltas", () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(level), fc.array(level)), { maxLength: 30 }), (updates) => {
        const book = new OrderBook();
        book.apply(aBook("snapshot", [], [], 100));
        const history: [typeof updates, "bids" | "asks"][] = [
          [updates, "bids"],
          [updates, "asks"],
        ];
        updates.forEach(([bids, asks], index) => book.apply(aBook("delta", bids, asks, 101 + index)));
        for (const [all, side] of history) {
          const naive = new Map<number, number>();
          for (const [bids, asks] of all) for (const [price, size] of side === "bids" ? bids : asks) naive.set(price, size);
          const expected = [...naive].filter(([, size]) => size > 0).toSorted((a, b) => (side === "bids" ? b[0] - a[0] : a[0] - b[0]));
          expect(levelsOf(book)?.[side]).toEqual(expected);
        }
      }),
    );
  });
});
