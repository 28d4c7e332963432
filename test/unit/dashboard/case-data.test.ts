import { expect, test } from "vitest";
import type { Liquidation } from "../../../dashboard/src/api/schema.ts";
import { interestChange } from "../../../dashboard/src/screens/cascades/case-data.ts";

const event = (exchange: string, mark: number | null, openInterest: number | null) =>
  ({ exchange, instrument: "BTCUSDT", mark_price: mark, open_interest_usd: openInterest }) as Liquidation;

test("the open interest of a cascade changes by coins, not by their price, and falls where positions are closed", () => {
  // 100 coins become 90 on one venue, and stay 50 on another, while the price falls by 10 %.
  const events = [event("okx", 10, 1_000), event("bybit", 10, 500), event("okx", 9, 810), event("bybit", 9, 450)];
  expect(interestChange(events)).toEqual({ usd: -100, share: -100 / 1_500, contracts: 2 });
  expect(interestChange([event("okx", 10, 1_000), event("okx", 8, 1_000)])).toMatchObject({ usd: 250, share: 0.25 });
});

test("the change is unknown where no contract has its open interest at two events", () => {
  expect(interestChange([event("okx", 10, 1_000), event("bybit", 10, 500), event("okx", null, 900)])).toBeNull();
});
