import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RealisedVolatility } from "../../../src/market/realised-volatility.ts";
import { T0 } from "./market-fixtures.ts";

/** Recomputes from the whole history: the close of each second, carried over at most 10 s, then the returns. */
function naive(history: readonly { readonly price: number; readonly time: number }[], now: number): number | null {
  const closes = new Map<number, number>();
  for (const { price, time } of history) closes.set(Math.floor(time / 1000), price);
  const close = (second: number): number | undefined => {
    for (let back = 0; back <= 10; back += 1) if (closes.has(second - back)) return closes.get(second - back);
    return undefined;
  };
  const last = Math.floor(now / 1000);
  if (close(last) === undefined) return null;
  let sum = 0;
  let count = 0;
  for (let second = last - 299; second <= last; second += 1) {
    const [before, after] = [close(second - 1), close(second)];
    if (before === undefined || after === undefined) continue;
    sum += Math.log(after / before) ** 2;
    count += 1;
  }
  return count < 60 ? null : Math.sqrt(sum);
}

describe("realised volatility", () => {
  test("a price that goes up and down by 1 % each second for 60 s has √60 · ln 1.01", () => {
    const volatility = new RealisedVolatility();
    for (let second = 0; second <= 60; second += 1) volatility.add(second % 2 === 0 ? 100 : 101, T0 + second * 1000);
    expect(volatility.at(T0 + 60_000)).toBeCloseTo(Math.sqrt(60) * Math.log(1.01), 12);
  });

  test("is unknown under 60 returns", () => {
    const volatility = new RealisedVolatility();
    for (let second = 0; second < 60; second += 1) volatility.add(100 + second, T0 + second * 1000);
    expect(volatility.at(T0 + 59_000)).toBeNull();
  });

  test("a price in another unit gives no return, and neither does the way back", () => {
    const volatility = new RealisedVolatility();
    for (let second = 0; second < 100; second += 1) volatility.add(second === 50 ? 0.0001 : 100, T0 + second * 1000);
    expect(volatility.at(T0 + 99_000)).toBe(0);
  });

  test("takes the last price of a second, not those before it", () => {
    const volatility = new RealisedVolatility();
    for (let second = 0; second <= 60; second += 1) {
      volatility.add(500, T0 + second * 1000);
      volatility.add(100, T0 + second * 1000 + 900);
    }
    expect(volatility.at(T0 + 60_900)).toBe(0);
  });

  test("takes no return across a hole of more than 10 s", () => {
    const volatility = new RealisedVolatility();
    for (let second = 0; second <= 100; second += 1) volatility.add(100, T0 + second * 1000);
    for (let second = 120; second <= 220; second += 1) volatility.add(200, T0 + second * 1000);
    expect(volatility.at(T0 + 220_000)).toBe(0);
  });

  test("is unknown for a while after a clock that runs back by more than 10 s, and never wrong", () => {
    const volatility = new RealisedVolatility();
    for (let second = 0; second <= 100; second += 1) volatility.add(100 + (second % 2), T0 + second * 1000);
    volatility.add(100, T0);
    expect(volatility.at(T0)).toBeNull();
    for (let second = 1; second <= 60; second += 1) volatility.add(100, T0 + second * 1000);
    expect(volatility.at(T0 + 60_000)).toBe(0);
  });

  test("equals the recomputation from the whole history", () => {
    const step = fc.record({ wait: fc.integer({ min: 0, max: 14_000 }), price: fc.double({ min: 90, max: 110, noNaN: true }) });
    const dense = fc.record({ wait: fc.integer({ min: 100, max: 1500 }), price: fc.double({ min: 90, max: 110, noNaN: true }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 30, arbitrary: dense }, step), { minLength: 50, maxLength: 400 }),
        fc.nat(15_000),
        (steps, later) => {
          const volatility = new RealisedVolatility();
          const history: { price: number; time: number }[] = [];
          let time = T0;
          for (const { wait, price } of steps) {
            time += wait;
            volatility.add(price, time);
            history.push({ price, time });
          }
          const expected = naive(history, time + later);
          const actual = volatility.at(time + later);
          if (expected === null) expect(actual).toBeNull();
          else expect(actual).toBeCloseTo(expected, 9);
        },
      ),
      { numRuns: 60 },
    );
  });
});
