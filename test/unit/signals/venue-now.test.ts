import { describe, expect, test } from "vitest";
import { type VenueMark, type VenueRows, rankedMinutes, venueMarkRanges, venuesNow } from "../../../src/signals/venue-now.ts";
import type { SymbolWindow } from "../../../src/windows/symbol-window.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const MINUTE = Date.UTC(2026, 10, 20, 14, 30);

const WINDOW = {
  as_of_time: MINUTE,
  exchanges: { okx: { total: { usd: 250 } }, bybit: { total: { usd: 750 } } },
  sides: { total: { usd: 1_000 } },
} as unknown as SymbolWindow;

function mark(minutesAgo: number, changes: Partial<VenueMark> = {}): VenueMark {
  return {
    exchange: "okx",
    minute: MINUTE - minutesAgo * MINUTE_MS,
    close: 80_040,
    index_price: 80_000,
    open_interest_usd: 1_000,
    funding_rate: 0.0002,
    funding_interval_hours: 8,
    ...changes,
  };
}

function venues(rows: Partial<VenueRows>, knownTime = MINUTE) {
  const marks = (rows.marks ?? []).toSorted((a, b) => a.minute - b.minute);
  return venuesNow({ LIQUIDATION_EXCHANGES: ["okx", "bybit", "kucoin"] }, WINDOW, knownTime, { ranked: [], ...rows, marks }).venues;
}

/** Funding rates of which a quarter is higher than that of a mark. */
function rates(count: number): VenueRows["ranked"] {
  return Array.from({ length: count }, (_, n) => ({
    exchange: "okx",
    funding_rate: n % 4 === 0 ? 0.0003 : 0.0001,
    open_interest_usd: null,
    close: 80_000,
  }));
}

describe("the state of a venue before a decision", () => {
  test("comes from its marks now and of 5 minutes, an hour and a day ago", () => {
    const marks = [
      mark(1, { open_interest_usd: 1_100 }),
      mark(6, { open_interest_usd: 1_000 }),
      mark(61, { open_interest_usd: 2_200 }),
      mark(24 * 60 + 1, { open_interest_usd: 550 }),
      mark(1, { exchange: "bybit", open_interest_usd: 7, index_price: null }),
    ];
    const all = venues({ marks });
    expect(all["okx"]).toEqual({
      share: 0.25,
      funding_rate: 0.0002,
      funding_interval_hours: 8,
      funding_percentile: null,
      open_interest_usd: 1_100,
      open_interest_change_5m_pct: expect.closeTo(10, 9) as number,
      open_interest_change_1h_pct: -50,
      open_interest_change_24h_pct: 100,
      basis_bps: expect.closeTo(5, 9) as number,
    });
    expect(all["bybit"]).toMatchObject({ share: 0.75, open_interest_usd: 7, open_interest_change_1h_pct: null, basis_bps: null });
  });

  test("is unknown without a mark of the last five minutes, except its share", () => {
    expect(venues({ marks: [mark(6)] })["okx"]).toMatchObject({ share: 0.25, funding_rate: null, open_interest_usd: null });
    expect(venues({ marks: [mark(5)] })["okx"]).toMatchObject({ funding_rate: 0.0002, open_interest_usd: 1_000 });
    expect(venues({})["kucoin"]).toMatchObject({ share: null, funding_rate: null, basis_bps: null });
  });

  test("knows nothing of a minute that was not over when the decision was made", () => {
    const marks = [mark(1, { funding_rate: 0.9 }), mark(2, { funding_rate: 0.1 })];
    expect(venues({ marks }, MINUTE - 20_000)["okx"]?.funding_rate).toBe(0.1);
    expect(venueMarkRanges(MINUTE, MINUTE - 20_000)[0]).toEqual({ start: MINUTE - 6 * MINUTE_MS, end: MINUTE - MINUTE_MS });
  });

  test("ranks its funding rate among those of the last minutes of the hours of a week, if a day of them is known", () => {
    expect(venues({ marks: [mark(1)], ranked: rates(24) })["okx"]?.funding_percentile).toBe(0.75);
    expect(venues({ marks: [mark(1)], ranked: rates(23) })["okx"]?.funding_percentile).toBeNull();
    const minutes = rankedMinutes(MINUTE, MINUTE);
    expect(minutes).toHaveLength(168);
    expect(minutes[0]).toBe(Date.UTC(2026, 10, 20, 13, 59));
    expect(minutes.at(-1)).toBe(Date.UTC(2026, 10, 20, 13, 59) - 167 * HOUR_MS);
  });
});
