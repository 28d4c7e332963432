import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HubOffers, type Observe } from "../../durable-objects/exchange-feed/hub-offers.ts";
import type { CrossVenueFields, Liquidation } from "../../src/liquidation.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const liquidation = (event_id: string): Liquidation => ({ event_id }) as Liquidation;
const FIELDS = {} as CrossVenueFields;

/** Offers to a hub that answers so; only the journal's `settle` is used. */
function offersTo(observe: Observe) {
  const settled: string[] = [];
  const givenUp: string[] = [];
  const settle = (rows: readonly { readonly liquidation: Liquidation }[]) =>
    void settled.push(...rows.map((row) => row.liquidation.event_id));
  const offers = new HubOffers(
    { settle },
    observe,
    () => undefined,
    ({ event_id }) => void givenUp.push(event_id),
  );
  return { offers, settled, givenUp };
}

test("a liquidation that the hub cannot take costs only itself", async () => {
  const { offers, settled, givenUp } = offersTo(async (rows) => {
    if (rows.some(({ event_id }) => event_id === "bad")) throw new Error("too large");
    return rows.map(() => FIELDS);
  });
  for (let sequence = 1; sequence <= 100; sequence += 1)
    offers.push({ sequence, liquidation: liquidation(sequence === 40 ? "bad" : `${sequence}`) });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(settled).toHaveLength(99);
  expect(givenUp).toEqual(["bad"]);
});

test("a hub that is out for a while costs no liquidation its answer", async () => {
  let out = true;
  const { offers, settled, givenUp } = offersTo(async (rows) => {
    if (out) throw new Error("down");
    return rows.map(() => FIELDS);
  });
  for (let sequence = 1; sequence <= 100; sequence += 1) offers.push({ sequence, liquidation: liquidation(`${sequence}`) });
  await vi.advanceTimersByTimeAsync(60_000);
  out = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(settled).toHaveLength(100);
  expect(givenUp).toEqual([]);
});

test.each([40_000, 600_000])("a hub that is out for %i ms costs no lone liquidation its answer", async (outMs) => {
  let out = true;
  const { offers, settled, givenUp } = offersTo(async (rows) => {
    if (out) throw new Error("Network connection lost.");
    return rows.map(() => FIELDS);
  });
  offers.push({ sequence: 1, liquidation: liquidation("lone") });
  await vi.advanceTimersByTimeAsync(outMs);
  out = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect({ settled, givenUp, waits: offers.oldestReceived }).toEqual({ settled: ["lone"], givenUp: [], waits: null });
});

test("a lone liquidation that the hub cannot take is given up once the hub answers something else", async () => {
  const { offers, givenUp } = offersTo(async (rows) => {
    if (rows.length > 0) throw new Error("too large");
    return [];
  });
  offers.push({ sequence: 1, liquidation: liquidation("bad") });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(givenUp).toEqual(["bad"]);
});

test("a call carries far less than 32 MiB, however large its liquidations are", async () => {
  const bytes: number[] = [];
  const { offers, settled } = offersTo(async (rows) => {
    bytes.push(2 * JSON.stringify(rows).length);
    return rows.map(() => FIELDS);
  });
  const large = "x".repeat(500_000);
  for (let sequence = 1; sequence <= 100; sequence += 1) offers.push({ sequence, liquidation: liquidation(`${sequence}:${large}`) });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(settled).toHaveLength(100);
  expect(Math.max(...bytes)).toBeLessThan(8 * 1024 * 1024);
});
