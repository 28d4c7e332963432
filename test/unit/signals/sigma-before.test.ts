import { describe, expect, test } from "vitest";
import { sigmaBeforeBps } from "../../../src/signals/sigma-before.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { MINUTE } from "./sample-input.ts";

/** A mark a minute over the last hour: a random walk of so many bps a minute, then what `change` makes of it. */
function marks(sigma: number, change: (bps: number, minutesAgo: number) => number = (bps) => bps) {
  const random = createRandom(7, "marks");
  let close = 100;
  return Array.from({ length: 60 }, (_, index) => {
    close *= 1 + change(sigma * random.normal(), 60 - index) / 1e4;
    return { minute: MINUTE - (60 - index) * MINUTE_MS, close };
  });
}

describe("σ before a flush", () => {
  test("is that of the minutes before the last 15", () => {
    expect(sigmaBeforeBps(marks(5), MINUTE)).toBeGreaterThan(3.5);
    expect(sigmaBeforeBps(marks(5), MINUTE)).toBeLessThan(6.5);
  });

  test("is not raised by a flush inside the last 15 minutes, and hardly by one before", () => {
    const calm = sigmaBeforeBps(marks(5), MINUTE) ?? 0;
    expect(
      sigmaBeforeBps(
        marks(5, (bps, ago) => (ago <= 12 && ago > 10 ? bps - 75 : bps)),
        MINUTE,
      ),
    ).toBe(calm);
    expect(
      sigmaBeforeBps(
        marks(5, (bps, ago) => (ago <= 32 && ago > 30 ? bps - 75 : bps)),
        MINUTE,
      ),
    ).toBeLessThan(1.15 * calm);
  });

  test("is unknown with few consecutive minutes, and where the mark stands still", () => {
    expect(sigmaBeforeBps([], MINUTE)).toBeNull();
    expect(
      sigmaBeforeBps(
        marks(5).filter((_, index) => index % 2 === 0),
        MINUTE,
      ),
    ).toBeNull();
    expect(sigmaBeforeBps(marks(0), MINUTE)).toBeNull();
  });
});
