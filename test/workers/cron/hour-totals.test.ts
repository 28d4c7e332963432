import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const write = (rows: readonly Liquidation[]) => d1Sink.write(env, parseConfig({}), sampleBatch(rows));
const all = async (sql: string) => (await env.DB.prepare(sql).all()).results;

afterEach(emptyStorage);

test("an hour equals the sum of its minutes, per symbol, venue and side", async () => {
  const rows = Array.from({ length: 240 }, (_, n) =>
    sampleLiquidation({
      event_id: `id${n}`,
      event_time: DAY + n * MINUTE_MS,
      symbol: n % 3 === 0 ? "ETH" : "BTC",
      position_side: n % 2 === 0 ? "long" : "short",
      usd_value: n % 5 === 0 ? null : n,
    }),
  );
  await write(rows);
  expect(await hourTotals(env.DB, DAY + 5 * HOUR_MS)).toEqual({ hours: 4, rows: 16, more: false });
  const columns = "symbol, exchange, position_side, events, events_without_usd, usd, notional_mark_usd, quantity, max_usd";
  const sums = await all(`
    SELECT minute - minute % ${HOUR_MS} AS hour, symbol, exchange, position_side, sum(events) AS events,
      sum(events_without_usd) AS events_without_usd, sum(usd) AS usd, sum(notional_mark_usd) AS notional_mark_usd,
      sum(quantity) AS quantity, max(max_usd) AS max_usd
    FROM minute_totals GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`);
  expect(await all(`SELECT hour, ${columns} FROM hour_totals ORDER BY 1, 2, 3, 4`)).toEqual(sums);
  expect(await all("SELECT * FROM dirty_hours")).toEqual([]);
});

test("the running hour waits until it has ended", async () => {
  await write([sampleLiquidation({})]);
  expect(await hourTotals(env.DB, DAY + HOUR_MS - MINUTE_MS)).toEqual({ hours: 0, rows: 0, more: false });
  expect(await hourTotals(env.DB, DAY + HOUR_MS)).toEqual({ hours: 1, rows: 1, more: false });
});

test("a late event corrects an hour that was computed before, and a repeated run changes nothing", async () => {
  await write([sampleLiquidation({ event_id: "a" })]);
  await hourTotals(env.DB, DAY + 2 * HOUR_MS);
  await write([sampleLiquidation({ event_id: "late", event_time: DAY + 30 * MINUTE_MS, usd_value: 100_000 })]);
  await hourTotals(env.DB, DAY + 2 * HOUR_MS);
  const corrected = await all("SELECT * FROM hour_totals");
  expect(corrected).toMatchObject([{ hour: DAY, events: 2, usd: 140_000, max_usd: 100_000 }]);
  expect(await hourTotals(env.DB, DAY + 2 * HOUR_MS)).toEqual({ hours: 0, rows: 0, more: false });
  expect(await all("SELECT * FROM hour_totals")).toEqual(corrected);
});

test("a long backlog of hours is worked off over several runs", async () => {
  await write(Array.from({ length: 50 }, (_, n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n * HOUR_MS })));
  const time = DAY + 51 * HOUR_MS;
  expect(await hourTotals(env.DB, time)).toMatchObject({ hours: 48, more: true });
  expect(await hourTotals(env.DB, time)).toMatchObject({ hours: 2, more: false });
  expect(await all("SELECT count(*) AS n FROM hour_totals")).toEqual([{ n: 50 }]);
});
