import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { dailyFileKey } from "../../../src/daily/daily-keys.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { fitEstimatesStep } from "../../../workers/cron/estimate-fit.ts";
import { readFits } from "../../../workers/d1/estimate-fits.ts";
import { readTape, readTapes, storeTape } from "../../../workers/daily/estimate-tape.ts";
import { event, store } from "../daily/stored-rows.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY } from "../sample-liquidation.ts";

afterEach(emptyStorage);

const DATE = "2026-11-20";
const CLOSED = DAY + DAY_MS + 5 * MINUTE_MS;

test("a daily file is kept in short for the fit, which withholds everything until there are 14", async () => {
  await store([event(1), event(7_200), event(82_800, { usd_value: null, notional_mark_usd: null })]);
  await dailyFiles(env, parseConfig({}), CLOSED);
  expect(await fitEstimatesStep(env, CLOSED + 3 * HOUR_MS)).toEqual({ more: true, record: { prepared: DATE } });
  expect(await storeTape(env.BUCKET, DATE)).toBe("kept");
  expect(await readTape(env.BUCKET, DATE)).toMatchObject([{ time: DAY + 1_000 }, { time: DAY + 2 * HOUR_MS }]);
  expect(await fitEstimatesStep(env, CLOSED + 3 * HOUR_MS)).toEqual({ more: false, record: { days: 1, rows: 0, fits: 1 } });
  const [stored] = (await readFits(env.DB)).values();
  expect(stored).toMatchObject({ symbol: "", fit: { days: 1, venues: {}, reason: "1 day of data; 14 are needed" } });
  expect(stored?.hash).toMatch(/^[0-9a-f]{64}$/);
  // What no fit reads any more is deleted.
  await fitEstimatesStep(env, CLOSED + 40 * DAY_MS);
  expect(await readTape(env.BUCKET, DATE)).toEqual([]);
});

test("a fit of no days ends where the day begins, and not in the future", async () => {
  await fitEstimatesStep(env, CLOSED);
  const [stored] = (await readFits(env.DB)).values();
  expect(stored?.fit).toMatchObject({ days: 0, range: { start: DAY + DAY_MS, end: DAY + DAY_MS } });
});

test("a day of more rows than a call takes arguments is read, and days with more than a fit holds are not", async () => {
  const rows = Array.from({ length: 150_000 }, (_, index) => ["binance", "BTC", "BTCUSDT", "long", index, 1]);
  await env.BUCKET.put(`daily-work/estimate-tape/${DATE}.json`, JSON.stringify({ sha256: "", rows }));
  expect(await readTapes(env.BUCKET, [DATE], 150_000)).toHaveLength(150_000);
  expect(await readTapes(env.BUCKET, [DATE, DATE], 299_999)).toBeNull();
});

test("a file that does not match its manifest is no day of a fit, and does not stop it", async () => {
  await store([event(1)]);
  await dailyFiles(env, parseConfig({}), CLOSED);
  await env.BUCKET.put(dailyFileKey(DATE), "another file");
  expect(await storeTape(env.BUCKET, DATE)).toBe("none");
  expect(await fitEstimatesStep(env, CLOSED + 3 * HOUR_MS)).toMatchObject({ more: false, record: { days: 0 } });
});
