import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from "../../../src/windows/kept.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { groupTotals } from "../../../workers/d1/ranking-reads.ts";
import { seriesOf } from "../../../workers/d1/series-reads.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

/** Twenty past noon of the third day. */
const NOW = DAY + 2 * DAY_MS + 12 * HOUR_MS + 20 * MINUTE_MS;
const END = NOW - (NOW % MINUTE_MS);
const VENUES: readonly ExchangeName[] = ["binance", "okx"];

/** Stores an event of BTC a time and venue, and of ETH beside it, which must not be seen. */
async function storeAt(...times: readonly number[]): Promise<void> {
  for (const exchange of VENUES) {
    const rows = times.flatMap((event_time) =>
      ["BTC", "ETH"].map((symbol) =>
        sampleLiquidation({
          event_id: `${exchange}${symbol}${event_time}`,
          exchange,
          symbol,
          event_time,
          position_side: event_time % 3 === 0 ? "long" : "short",
          usd_value: (event_time / 1_000) % 977,
          notional_mark_usd: null,
        }),
      ),
    );
    await d1Sink.write(env, parseConfig({}), sampleBatch(rows, exchange));
  }
}

const all = async (sql: string) => (await env.DB.prepare(sql).all()).results;

/** What the minutes say. */
async function ofMinutes(stepMs: number, start: number, end: number) {
  return all(`
    SELECT minute - minute % ${stepMs} AS time, exchange, position_side, sum(events) AS events, sum(events_without_usd) AS events_without_usd,
      sum(events_without_notional_mark) AS events_without_notional_mark, sum(usd) AS usd, sum(notional_mark_usd) AS notional_mark_usd,
      sum(quantity) AS quantity, max(max_usd) AS max_usd
    FROM minute_totals WHERE symbol = 'BTC' AND minute >= ${start} AND minute < ${end} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);
}

async function expectSeries(): Promise<void> {
  const ranges = [
    [MINUTE_MS, DAY + 61 * MINUTE_MS, DAY + 200 * MINUTE_MS],
    [MINUTE_MS, DAY + 61 * MINUTE_MS, DAY + 62 * MINUTE_MS],
    [MINUTE_MS, DAY + DAY_MS - HOUR_MS, END],
    [HOUR_MS, DAY + HOUR_MS, DAY + 5 * HOUR_MS],
    [HOUR_MS, DAY + 20 * HOUR_MS, NOW - (NOW % HOUR_MS) + HOUR_MS],
    [DAY_MS, DAY, DAY + 3 * DAY_MS],
  ] as const;
  for (const [stepMs, start, end] of ranges) {
    expect(await seriesOf(env.DB, "BTC", stepMs, { start, end }), `${stepMs} ${start} ${end}`).toEqual(await ofMinutes(stepMs, start, end));
  }
  const range = { start: DAY + 61 * MINUTE_MS, end: END };
  const [ranked] = await groupTotals(env.DB, "symbol", range, { symbol: "BTC" });
  const [sum] = await all(
    `SELECT sum(events) AS events FROM minute_totals WHERE symbol = 'BTC' AND minute >= ${range.start} AND minute < ${range.end}`,
  );
  expect(ranked?.events).toBe(sum?.["events"]);
}

const sumUp = async () => {
  while ((await hourTotals(env.DB, NOW)).more);
};
const blocks = (symbol = "BTC") => all(`SELECT step_ms, time FROM symbol_blocks WHERE symbol = '${symbol}' ORDER BY 1, 2`);

const deletedAt = async (time: number) =>
  (await retention(env.DB, { LIQUIDATION_LOCAL_RETENTION_HOURS: 24 }, time, [])).deleted.symbol_blocks;

beforeEach(() => storeAt(...Array.from({ length: 180 }, (_, n) => DAY + n * 20 * MINUTE_MS + n * 700)));
afterEach(emptyStorage);

test("a series is that of the minutes: before they are summed up, from blocks, and while hours of before have changed", async () => {
  await expectSeries();
  await sumUp();
  // Sixty hours have ended, and two days.
  expect((await blocks()).map(({ step_ms: step }) => step).filter((step) => step === MINUTE_MS)).toHaveLength(60);
  expect((await blocks()).filter(({ step_ms: step }) => step !== MINUTE_MS)).toEqual(
    [HOUR_MS, DAY_MS].flatMap((step_ms) => [DAY, DAY + DAY_MS].map((time) => ({ step_ms, time }))),
  );
  await expectSeries();
  await storeAt(DAY + 90 * MINUTE_MS, DAY + 25 * HOUR_MS, DAY + 49 * HOUR_MS);
  await expectSeries();
  await sumUp();
  await expectSeries();
});

test("of an hour and a day that a Worker of before has summed up, the blocks are written again and not read until then", async () => {
  await sumUp();
  await storeAt(DAY + 90 * MINUTE_MS);
  await env.DB.batch(
    [
      `UPDATE hour_totals SET (events, events_without_notional_mark, usd, quantity, max_usd) = (SELECT sum(events), sum(events_without_notional_mark), sum(usd), sum(quantity), max(max_usd) FROM minute_totals AS minutes
        WHERE minutes.symbol = hour_totals.symbol AND minutes.exchange = hour_totals.exchange AND minutes.position_side = hour_totals.position_side
          AND minute >= hour AND minute < hour + ${HOUR_MS}) WHERE hour = ${DAY + HOUR_MS}`,
      `UPDATE day_totals SET (events, events_without_notional_mark, usd, quantity, max_usd) = (SELECT sum(events), sum(events_without_notional_mark), sum(usd), sum(quantity), max(max_usd) FROM hour_totals AS hours
        WHERE hours.symbol = day_totals.symbol AND hours.exchange = day_totals.exchange AND hours.position_side = day_totals.position_side
          AND hour >= day AND hour < day + ${DAY_MS}) WHERE day = ${DAY}`,
      "DELETE FROM dirty_hours WHERE hour < " + String(DAY + 2 * HOUR_MS),
      `INSERT INTO dirty_days VALUES (${DAY})`,
      `DELETE FROM dirty_days WHERE day = ${DAY}`,
    ].map((sql) => env.DB.prepare(sql)),
  );
  await expectSeries();
  await sumUp();
  expect(await all("SELECT * FROM hours_without_blocks")).toEqual([]);
  expect(await all("SELECT * FROM days_without_blocks")).toEqual([]);
  await expectSeries();
});

test("blocks go with the totals that they hold, and not before", async () => {
  await sumUp();
  expect(await deletedAt(DAY + MINUTES_KEPT_MS + HOUR_MS - 1)).toBe(0);
  expect(await deletedAt(DAY + MINUTES_KEPT_MS + HOUR_MS)).toBe(2);
  expect(await deletedAt(DAY + HOURS_KEPT_MS + DAY_MS - 1)).toBe(2 * 59);
  // The hours of a day and the day, of both assets.
  expect(await deletedAt(DAY + HOURS_KEPT_MS + DAY_MS)).toBe(4);
});
