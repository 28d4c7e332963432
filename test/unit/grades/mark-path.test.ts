import { describe, expect, test } from "vitest";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import type { Horizon } from "../../../src/grades/grade.ts";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import { costProblem, expectedCost, statedCostBps } from "../../../src/grades/trading-cost.ts";
import { TAKER_FEES_BPS } from "../../../src/grades/taker-fees.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { venueMark } from "../../../src/grades/venue-mark.ts";

/** 14:00 UTC, two hours before a settlement of funding. */
const ENTRY = Date.parse("2026-11-25T14:00Z");

const mark = (exchange: MinuteMark["exchange"], minute: number, price: number, changes: Partial<MinuteMark> = {}): MinuteMark => ({
  minute,
  symbol: "BTC",
  exchange,
  open: price,
  high: price,
  low: price,
  close: price,
  samples: 60,
  spread_bps: 0.2,
  volume_usd: 4_000_000,
  funding_rate: 1e-4,
  funding_interval_hours: 8,
  index_price: price,
  open_interest_usd: null,
  ...changes,
});

/** The marks of a venue from 90 minutes before the entry, so many minutes. */
function path(exchange: MinuteMark["exchange"], price: (index: number) => number, changes: Partial<MinuteMark> = {}, minutes = 240) {
  return Array.from({ length: minutes }, (_, index) => mark(exchange, ENTRY + (index - 90) * MINUTE_MS, price(index - 90), changes));
}

function pathOf(marks: readonly MinuteMark[], horizon: Horizon = "1h") {
  const book = new MarkBook();
  for (const one of marks) book.put(one);
  return book.path("BTC", ENTRY, horizon, Infinity, TAKER_FEES_BPS);
}

describe("the path of a trade", () => {
  test("is that of the venue with the most mark prices at the entry, whole", () => {
    const found = pathOf([...path("binance", () => 100), ...path("okx", () => 100.12, { samples: 290 })]);
    expect(found).toMatchObject({ exchange: "okx", samples: 290, entry: 100.12, exit: 100.12, high: 100.12, low: 100.12 });
  });

  test("never passes to another venue: a basis of 12 bps is no return", () => {
    // Binance, which is preferred, is silent at the entry and has every other minute.
    const binance = path("binance", () => 100.12).filter(({ minute }) => minute < ENTRY || minute > ENTRY + 5 * MINUTE_MS);
    expect(pathOf([...binance, ...path("okx", () => 100)])).toMatchObject({ exchange: "okx", entry: 100, exit: 100, high: 100 });
  });

  test("has a problem where its venue has no exit, whatever others have", () => {
    const short = path("okx", () => 100, { samples: 290 }).filter(({ minute }) => minute < ENTRY + 30 * MINUTE_MS);
    expect(pathOf([...path("binance", () => 100), ...short])).toBe("no_exit_mark");
  });

  test("takes the preferred one of equal venues, and none with too few mark prices", () => {
    const marks = [mark("okx", ENTRY, 1), mark("bybit", ENTRY, 1), mark("bitfinex", ENTRY, 1, { samples: 59 })];
    expect(venueMark(marks)?.exchange).toBe("bybit");
    expect(venueMark(marks.map((one) => ({ ...one, samples: 29 })))).toBeNull();
    expect(pathOf(path("okx", () => 100, { samples: 29 }))).toBe("few_samples");
    expect(pathOf([])).toBe("no_entry_mark");
  });

  test("waits some minutes for a venue with enough mark prices", () => {
    const late = path("okx", () => 100).map((one) => (one.minute < ENTRY + 2 * MINUTE_MS ? { ...one, samples: 3 } : one));
    expect(pathOf(late)).toMatchObject({ entryTime: ENTRY + 2 * MINUTE_MS });
  });

  test("is of a venue whose taker fee is unknown only where no other has marks, and its cost is unknown then", () => {
    const unknown = path("gate", () => 100.5, { samples: 290 });
    expect(pathOf([...path("okx", () => 100), ...unknown])).toMatchObject({ exchange: "okx", entry: 100 });
    const alone = pathOf(unknown);
    expect(alone).toMatchObject({ exchange: "gate", entry: 100.5, cost: { fee_bps: null, cost_bps: null } });
    expect(typeof alone === "string" ? alone : costProblem(alone)).toBe("unknown_fee");
    // The fees of the dearest venue stand for the unknown ones.
    expect(statedCostBps(expectedCost(unknown, ENTRY, TAKER_FEES_BPS), TAKER_FEES_BPS)).toBeGreaterThanOrEqual(13);
  });

  test("has a problem where a stored price cannot be one", () => {
    expect(pathOf(path("okx", (index) => (index === 0 ? 0 : 100)))).toBe("bad_mark");
    expect(pathOf(path("okx", (index) => (index === 30 ? -1 : 100)))).toBe("bad_mark");
  });
});

/** Returns of 1 bp up and down, minute by minute. */
const zigzag = (index: number) => (index % 2 === 0 ? 100 : 100.01);

describe("the cost of a trade, worked by hand", () => {
  test("is two taker fees, half a spread at each end and the square-root impact of 10,000 USD", () => {
    const found = pathOf(path("bybit", zigzag));
    if (typeof found === "string") throw new Error(found);
    const { cost, volatility } = found;
    expect(volatility).toBeCloseTo(1e-4, 7);
    expect(cost.fee_bps).toBe(11);
    expect(cost.spread_bps).toBeCloseTo(0.2, 12);
    // 1 bp × √(10,000 / 4,000,000) = 0.05 bps; ten times the size is √10 times the impact.
    expect(cost.impact_10k_bps).toBeCloseTo(0.05, 4);
    expect(cost.impact_100k_bps).toBeCloseTo(0.05 * Math.sqrt(10), 4);
    expect(cost.impact_1m_bps).toBeCloseTo(0.5, 3);
    expect(cost.cost_bps).toBeCloseTo(11.25, 4);
  });

  test("is unknown where a part of it is", () => {
    const bare = pathOf(path("bybit", zigzag, { spread_bps: null, volume_usd: null }));
    expect(bare).toMatchObject({ cost: { fee_bps: 11, spread_bps: null, impact_10k_bps: null, impact_1m_bps: null, cost_bps: null } });
    const noHour = pathOf(path("bybit", zigzag).filter(({ minute }) => minute >= ENTRY - 29 * MINUTE_MS));
    expect(noHour).toMatchObject({ volatility: null, cost: { spread_bps: 0.2, impact_10k_bps: null, cost_bps: null } });
  });

  test("has the spread of one end for both where the other's is unknown", () => {
    const ends = [ENTRY, ENTRY + HOUR_MS];
    for (const end of ends) {
      const spreadOf = (minute: number) => (minute === end ? null : ends.includes(minute) ? 0.2 : 9);
      const marks = path("bybit", zigzag).map((one) => ({ ...one, spread_bps: spreadOf(one.minute) }));
      expect(pathOf(marks)).toMatchObject({ cost: { spread_bps: 0.2 } });
    }
  });

  test("has the funding of the settlements inside the path alone", () => {
    const day = path("bybit", zigzag, {}, 27 * 60);
    expect(pathOf(day, "1h")).toMatchObject({ fundingBps: 0 });
    // 16:00, and of a day also 00:00 and 08:00.
    expect(pathOf(day, "4h")).toMatchObject({ fundingBps: 1 });
    expect(pathOf(day, "24h")).toMatchObject({ fundingBps: 3 });
    const settlement = ENTRY + 2 * HOUR_MS;
    const unknown = day.map((one) => (Math.abs(one.minute - settlement) <= HOUR_MS ? { ...one, funding_rate: null } : one));
    expect(pathOf(unknown, "4h")).toMatchObject({ fundingBps: null });
    const paid = day.map((one) => (one.minute >= settlement ? { ...one, funding_rate: -9e-4 } : one));
    expect(pathOf(paid, "4h")).toMatchObject({ fundingBps: 1 });
    expect(
      pathOf(
        day.map((one) => ({ ...one, funding_interval_hours: 1 })),
        "4h",
      ),
    ).toMatchObject({ fundingBps: 4 });
    // Settlements of an unknown interval are on a whole hour all the same.
    const other = day.map((one) => ({ ...one, funding_interval_hours: null }));
    expect(pathOf(other, "1h")).toMatchObject({ fundingBps: null });
    expect(pathOf(other, "15m")).toMatchObject({ fundingBps: 0 });
  });
});

const stated = (marks: readonly MinuteMark[]) => statedCostBps(expectedCost(marks, ENTRY, TAKER_FEES_BPS), TAKER_FEES_BPS);

describe("the cost that the input of a decision states", () => {
  test("is that of the venue it would be graded on, by the marks before it alone", () => {
    const marks = [...path("binance", zigzag), ...path("bybit", zigzag, { samples: 240, spread_bps: 0.6 })];
    expect(stated(marks)).toBeCloseTo(11 + 0.6 + 0.05, 4);
    const later = marks.map((one) => (one.minute >= ENTRY ? { ...one, exchange: "okx" as const, samples: 900 } : one));
    expect(stated(later)).toBe(stated(marks));
  });

  test("is that of some minutes ago where the last ones are not stored yet, and the dearest fees without any", () => {
    const marks = path("binance", zigzag).filter(({ minute }) => minute < ENTRY - 3 * MINUTE_MS);
    expect(stated(marks)).toBeCloseTo(10 + 0.2 + 0.05, 4);
    expect(stated([])).toBe(13);
  });
});
