import { describe, expect, test } from "vitest";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { firstVenue } from "../../../src/cascade/first-venue.ts";
import type { FlowEvent } from "../../../src/cascade/flow-onset.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";

/** The flow of all venues begins 90 s into the stretch. */
const ONSET = 90_000;
const VENUES: readonly ExchangeName[] = ["bybit", "binance", "okx"];

function every(exchange: ExchangeName, fromMs: number, toMs: number, stepMs: number, usd: number): FlowEvent[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, index) => ({ time: fromMs + index * stepMs, exchange, usd }));
}

function first(...events: FlowEvent[]) {
  return firstVenue(
    events.toSorted((a, b) => a.time - b.time),
    0,
    ONSET,
  );
}

/** A small liquidation on each venue every six seconds, long before the flow and through it. */
const background = VENUES.flatMap((exchange, index) => every(exchange, index * 2_000, 120_000, 6_000, 700));

describe("the first venue of a flow", () => {
  test("is the one that trickles before the others burst", () => {
    const named = first(
      ...background,
      ...every("okx", ONSET, 120_000, 900, 20_000),
      ...every("binance", ONSET + 5_000, 120_000, 100, 30_000),
      ...every("bybit", ONSET + 5_500, 120_000, 80, 30_000),
    );
    expect(named?.exchange).toBe("okx");
    expect(named?.probability).toBeGreaterThan(0.9);
  });

  test("is not a venue with one large liquidation shortly before", () => {
    const named = first(
      ...background,
      { time: ONSET - 1_700, exchange: "bybit", usd: 90_000 },
      ...every("binance", ONSET, 120_000, 250, 20_000),
      ...every("bybit", ONSET + 4_000, 120_000, 250, 20_000),
    );
    expect(named?.exchange).toBe("binance");
  });

  test("is not known where two begin within half a second", () => {
    expect(
      first(...background, ...every("binance", ONSET, 120_000, 200, 20_000), ...every("bybit", ONSET + 400, 120_000, 200, 20_000)),
    ).toBeNull();
  });

  test("is not known without events", () => {
    expect(firstVenue([], 0, ONSET)).toBeNull();
  });

  test("is the only venue that there is, also where no value is known", () => {
    expect(first(...every("bybit", ONSET, 100_000, 500, 0))?.exchange).toBe("bybit");
  });

  test("has a probability of at most 1 that is the same for the same events, whatever the venues are called", () => {
    const random = createRandom(3, "first venue");
    for (let round = 0; round < 200; round += 1) {
      const events = Array.from({ length: 1 + random.integer(80) }, (): FlowEvent => {
        const exchange = VENUES[random.integer(VENUES.length)] ?? "okx";
        return { time: random.integer(110_000), exchange, usd: random.chance(0.1) ? 0 : Math.exp(6 + 3 * random.normal()) };
      }).toSorted((a, b) => a.time - b.time);
      const named = firstVenue(events, 0, ONSET);
      const turned = firstVenue(
        events.map((event) => ({ ...event, exchange: VENUES[(VENUES.indexOf(event.exchange) + 1) % 3] ?? "okx" })),
        0,
        ONSET,
      );
      expect(turned?.probability ?? null).toBe(named?.probability ?? null);
      if (named === null) continue;
      expect(named.probability).toBeGreaterThan(0.5);
      expect(named.probability).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
});
