import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { apiClient } from "./api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";

const NOW = DAY + 30 * HOUR_MS;
const get = apiClient(NOW);
const write = (rows: readonly Liquidation[], exchange: Liquidation["exchange"] = "binance") =>
  d1Sink.write(env, parseConfig({}), sampleBatch(rows, exchange));

afterEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

test("minutes come per side and per venue, oldest first, with steps without an event left out", async () => {
  await write([
    sampleLiquidation({ event_id: "a", event_time: DAY + 1 }),
    sampleLiquidation({ event_id: "b", event_time: DAY + 2, position_side: "short", usd_value: 7 }),
    sampleLiquidation({ event_id: "c", event_time: DAY + 5 * MINUTE_MS }),
    sampleLiquidation({ event_id: "eth", event_time: DAY + 2, symbol: "ETH" }),
  ]);
  await write([sampleLiquidation({ event_id: "d", event_time: DAY + 3, exchange: "okx", usd_value: null })], "okx");
  const { status, body } = await get(`/v1/totals?symbol=BTC&interval=1m&start=${DAY + 30_000}&end=${DAY + 6 * MINUTE_MS}`);
  expect(status).toBe(200);
  expect(body.data.map((point: { time: number }) => point.time)).toEqual([DAY, DAY + 5 * MINUTE_MS]);
  expect(body.data[0]).toMatchObject({
    sides: { long: { events: 2, events_without_usd: 1, usd: 40_000 }, short: { events: 1, usd: 7 } },
    exchanges: {
      binance: { long: { events: 1 }, short: { events: 1 } },
      okx: { long: { events: 1, usd: null }, short: { events: 0, usd: 0 } },
    },
  });
  expect(body.meta).toMatchObject({ count: 2, next_cursor: null, not_covered: null, coverage: { okx: "sampled" } });
});

test("hours and days equal the sums of their minutes, whether computed yet or not", async () => {
  await write(
    Array.from({ length: 60 }, (_, n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n * 30 * MINUTE_MS, usd_value: n })),
  );
  const ask = async (interval: string) => (await get(`/v1/totals?symbol=BTC&interval=${interval}&start=${DAY}&end=${NOW}`)).body.data;
  const [hours, days] = [await ask("1h"), await ask("1d")];
  expect(hours).toHaveLength(30);
  expect(hours[3]).toMatchObject({ time: DAY + 3 * HOUR_MS, sides: { long: { events: 2, usd: 6 + 7, max_usd: 7 } } });
  expect(days).toMatchObject([
    { time: DAY, sides: { long: { events: 48, usd: (47 * 48) / 2 } } },
    { time: DAY + DAY_MS, sides: { long: { events: 12 } } },
  ]);
  await hourTotals(env.DB, NOW - 5 * HOUR_MS);
  expect(await ask("1h")).toEqual(hours);
  await write([sampleLiquidation({ event_id: "late", event_time: DAY + 3 * HOUR_MS, usd_value: 100 })]);
  expect((await ask("1h"))[3].sides.long).toMatchObject({ events: 3, usd: 113 });
  expect((await ask("1d"))[0].sides.long.events).toBe(49);
});

async function allTimes(query: string): Promise<readonly number[]> {
  const times: number[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const { status, body } = await get(`/v1/totals?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    times.push(...body.data.map((point: { time: number }) => point.time));
    cursor = body.meta.next_cursor;
  }
  return times;
}

test("pages hold every step once", async () => {
  await write(Array.from({ length: 25 }, (_, n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n * MINUTE_MS })));
  const times = await allTimes(`symbol=BTC&start=${DAY}&end=${DAY + HOUR_MS}&limit=10`);
  expect(times).toEqual(Array.from({ length: 25 }, (_, n) => DAY + n * MINUTE_MS));
});

test("pages hold every step once where every venue has both sides in each", async () => {
  for (const exchange of EXCHANGES) {
    const rows = Array.from({ length: 10 }, (_, n) =>
      sampleLiquidation({
        event_id: `${exchange}${n}`,
        exchange,
        event_time: DAY + (n % 5) * MINUTE_MS,
        position_side: n < 5 ? "long" : "short",
      }),
    );
    await write(rows, exchange);
  }
  const times = await allTimes(`symbol=BTC&start=${DAY}&end=${DAY + HOUR_MS}&limit=2`);
  expect(times).toEqual(Array.from({ length: 5 }, (_, n) => DAY + n * MINUTE_MS));
});

test("come with the gaps inside the range", async () => {
  const gap: Gap = { exchange: "okx", from_time: DAY, to_time: DAY + HOUR_MS, reason: "blocked" };
  await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap], minuteMarks: [] });
  expect((await get(`/v1/totals?symbol=BTC&interval=1d&start=${DAY}`)).body.meta.gaps).toEqual([gap]);
  expect((await get(`/v1/totals?symbol=BTC&interval=1h&start=${DAY + HOUR_MS}`)).body.meta.gaps).toEqual([]);
});

test("what is older than the totals kept is named, and is a 501 where nothing else was asked for", async () => {
  const old = NOW - 20 * DAY_MS;
  const partly = await get(`/v1/totals?symbol=BTC&interval=1m&start=${old}`);
  expect(partly).toMatchObject({
    status: 200,
    body: { meta: { not_covered: { start: old, end: NOW - 8 * DAY_MS, code: "archive_off" } } },
  });
  const wholly = await get(`/v1/totals?symbol=BTC&interval=1m&start=${old}&end=${NOW - 10 * DAY_MS}`);
  expect(wholly).toMatchObject({ status: 501, body: { code: "archive_off" } });
  expect((await get(`/v1/totals?symbol=BTC&interval=1h&start=${old}`)).body.meta.not_covered).toBeNull();
});
