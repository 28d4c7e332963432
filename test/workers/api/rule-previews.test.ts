import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { utcDate } from "../../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { MINUTES_KEPT_MS } from "../../../src/windows/kept.ts";
import { publishDay } from "../daily/publish-day.ts";
import { emptyStorage } from "../empty-storage.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const TOKEN = "s3cret-s3cret-s3cret-s3cret-s3cret";
const ask = apiClient(NOW, { ADMIN_TOKEN: TOKEN });
const preview = (body: object) =>
  ask("/v1/rules/preview", { method: "POST", headers: { Authorization: `Bearer ${TOKEN}` }, body: JSON.stringify(body) });

afterEach(emptyStorage);

const EVERY_MS = 30 * MINUTE_MS;
const FIRST_DAY = floorTo(NOW - 14 * DAY_MS, DAY_MS);
/** Six days ago: the minutes of most of the seven days before it are in the daily files alone. */
const RANGE = { start: NOW - 6 * DAY_MS, end: NOW - 6 * DAY_MS + 3 * HOUR_MS };

/** A steady market: longs of 1,000 USD every half an hour, in the daily files, and in D1 what it keeps of them. */
async function storeSteadyMarket(): Promise<void> {
  for (let day = FIRST_DAY; day < RANGE.end; day += DAY_MS) {
    const rows = Array.from({ length: DAY_MS / EVERY_MS }, (_, index) => {
      const time = day + index * EVERY_MS + 5_000;
      const values = { usd_value: 1_000, notional_mark_usd: 1_000, position_side: "long" as const, symbol: "BTC" };
      return sampleLiquidation({ event_id: `e-${time}`, event_time: time, received_time: time + 100, ...values });
    });
    await publishDay(rows, day);
  }
  const minutes: number[] = [];
  for (let time = NOW - MINUTES_KEPT_MS; time < RANGE.end; time += EVERY_MS) minutes.push(time);
  await env.DB.batch([
    env.DB.prepare("UPDATE hot_events SET from_time = ?1").bind(NOW - 2 * DAY_MS),
    env.DB.prepare(`INSERT INTO total_blocks (step_ms, time, exchange, totals) VALUES (${HOUR_MS}, ?1, 'okx', '[]')`).bind(FIRST_DAY),
    env.DB.prepare(
      `INSERT INTO minute_totals (minute, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
       SELECT value, 'BTC', 'okx', 'long', 1, 0, 0, 1000 FROM json_each(?1)`,
    ).bind(JSON.stringify(minutes)),
  ]);
}

test("a preview reads the minutes of its percentiles that D1 no longer keeps from the daily files, and knows which it lacks", async () => {
  await storeSteadyMarket();
  const body = { rule: "long_usd_5m > p90(long_usd_5m, 7d) cooldown 0s", symbols: ["BTC"], ...RANGE };
  const { data } = (await preview(body)).body;
  // Each long is in 5 of 30 minutes: it is what the 90th percentile of seven days is, and above that of one day and six empty ones.
  expect(data).toMatchObject({ fired: 0, undetermined: 0, undetermined_share: 0, held_share: 0, missing: [] });

  const lost = utcDate(FIRST_DAY + 3 * DAY_MS);
  await env.BUCKET.delete([dailyFileKey(lost), dailyManifestKey(lost)]);
  const without = (await preview(body)).body.data;
  expect(without).toMatchObject({ fired: 0, undetermined: 1, undetermined_share: 1 });
});
