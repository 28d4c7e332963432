import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { rangeTotals, rangeTotalsOf } from "../../../workers/d1/range-totals.ts";
import { RowMeter, meteredDatabase } from "../../../workers/d1/row-meter.ts";
import { seriesOf } from "../../../workers/d1/series-reads.ts";
import { TOTAL_COLUMNS } from "../../../workers/d1/total-columns.ts";
import { DAY } from "../sample-liquidation.ts";

const DAYS = 3;
const FILL = `
  INSERT INTO minute_totals (minute, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
  SELECT ?1 + minutes.value * ${MINUTE_MS}, symbols.value, 'okx', 'long', 1, 0, 0, 2
  FROM json_each(?2) AS minutes, json_each('["BTC", "ETH"]') AS symbols`;

test("the totals of a day scan no day of minutes, even while an hour in it has changed", async () => {
  const minutes = Array.from({ length: DAYS * 24 * 60 }, (_, n) => n);
  await env.DB.batch([
    env.DB.prepare(FILL).bind(DAY, JSON.stringify(minutes)),
    env.DB.prepare(`INSERT INTO dirty_hours SELECT DISTINCT minute - minute % ${HOUR_MS} FROM minute_totals`),
  ]);
  const end = DAY + DAYS * 24 * HOUR_MS;
  while ((await hourTotals(env.DB, end)).more);
  await env.DB.prepare("INSERT INTO dirty_hours VALUES (?)")
    .bind(end - 3 * HOUR_MS)
    .run();

  const range = { start: end - 24 * HOUR_MS - 5_000, end: end - 5_000 };
  const day = await rangeTotals(env.DB, ["BTC"], range, TOTAL_COLUMNS).run();
  const totals = { events: 1_439, events_without_usd: 0, events_without_notional_mark: 0, usd: 2_878 };
  const unknown = { notional_mark_usd: null, quantity: null, max_usd: null };
  const row = { exchange: "okx", position_side: "long", ...totals, ...unknown };
  expect([...rangeTotalsOf(day, TOTAL_COLUMNS)]).toEqual([["BTC", [row]]]);
  // Two hours of minutes (one changed, one at the edge) of two symbols and 23 hours, against 8,640 minutes in the table.
  expect(day.meta.rows_read).toBeLessThan(500);

  const meter = new RowMeter();
  const series = await seriesOf(meteredDatabase(env.DB, meter), "BTC", HOUR_MS, { start: DAY, end });
  expect(series).toHaveLength(DAYS * 24);
  expect(meter.counts.rows_read).toBeLessThan(200);
});
