import { expect, test } from "vitest";
import { BookRenewals } from "../../../durable-objects/exchange-feed/sockets/book-renewals.ts";

const SECOND_MS = 1_000;

/** What is renewed at which second, of a book that stays broken. */
function attempts(renewals: BookRenewals, seconds: number): readonly (readonly [number, string])[] {
  return Array.from({ length: seconds }, (_, second) => [second, renewals.next("BTCUSDT", second * SECOND_MS)] as const).filter(
    (attempt): attempt is readonly [number, "topic" | "session"] => attempt[1] !== null,
  );
}

test("a broken book is renewed by its topic, then by a session, and ever more rarely while it stays broken", () => {
  expect(attempts(new BookRenewals(), 4 * 3_600)).toEqual([
    [0, "topic"],
    [15, "session"],
    [45, "topic"],
    [105, "session"],
    [225, "topic"],
    [465, "session"],
    [945, "topic"],
    ...Array.from({ length: 22 }, (_, index) => [1_545 + 600 * index, index % 2 === 0 ? "session" : "topic"] as const).filter(
      ([second]) => second < 4 * 3_600,
    ),
  ]);
});

test("one contract's book does not hold back another's, and a break long after the last begins again with the topic", () => {
  const renewals = new BookRenewals();
  expect(renewals.next("BTCUSDT", 0)).toBe("topic");
  expect(renewals.next("ETHUSDT", 1)).toBe("topic");
  expect(renewals.next("BTCUSDT", 2)).toBeNull();
  expect(renewals.next("BTCUSDT", 3_600 * SECOND_MS)).toBe("topic");
});
