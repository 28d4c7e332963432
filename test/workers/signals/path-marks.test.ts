import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { inputOf } from "../../../workers/signals/signal-row.ts";
import { modelReply, onlyRecord, stage, storeMarks, storeSpike } from "./signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";

afterEach(emptyStorage);

const NOTHING = modelReply({ p_up: 0.3, p_down: 0.3, reason: "No case." });
/** A day, and the minutes before it that its return begins with. */
const MINUTES = 24 * 60 + 5;

test("a day's extremes and the path of a spike are one venue's, and reading them reads the minutes of no other", async () => {
  // Binance, which is preferred, misses every fourth minute and is 12 bps above the others.
  for (const [index, exchange] of parseConfig({}).LIQUIDATION_EXCHANGES.entries()) {
    const price = exchange === "binance" ? 80_096 : 80_000 + index;
    const prices = Array.from({ length: MINUTES }, (_, n) => (exchange === "binance" && n % 4 === 0 ? null : price));
    await storeMarks(-MINUTES, prices, "BTC", exchange);
  }
  await storeSpike();
  const { rows_read: rows } = await (await stage([NOTHING])).run();
  const input = inputOf(JSON.stringify((await onlyRecord()).statistics));
  expect(input?.market).toMatchObject({ mark_exchange: "bybit", mark_price: 80_001, return_24h_bps: 0, return_1h_bps: 0 });
  expect(input?.path).toMatchObject({ push_bps: 0, below_day_high_bps: 0, above_day_low_bps: 0 });
  // Measured: 5,536 with eight venues, of which the day's extremes are 1,441. The minutes of all would be 11,560.
  expect(rows).toBeLessThan(6_000);
});
