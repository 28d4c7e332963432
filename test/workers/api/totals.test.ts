import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { ESTIMATE_METHODS, type VenueSideEstimate } from "../../../src/estimates/estimate.ts";
import { emptyFit } from "../../../src/estimates/fit.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { saveFits } from "../../../workers/d1/estimate-fits.ts";
import { writeMinuteEstimates } from "../../../workers/d1/estimate-writes.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { apiClient } from "./api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 30 * HOUR_MS;
const get = apiClient(NOW);
const write = (rows: readonly Liquidation[], exchange: Liquidation["exchange"] = "binance") =>
  d1Sink.write(env, parseConfig({}), sampleBatch(rows, exchange));

afterEach(emptyStorage);

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

const ESTIMATE: VenueSideEstimate = {
  exchange: "binance",
  position_side: "long",
  reported_usd: 1_000,
  estimated_usd: 1_100,
  low_usd: 1_010,
  high_usd: 1_300,
  reported_events: 10,
  estimated_events: 21.5,
  method: ESTIMATE_METHODS.largest_per_second,
  status: "validated",
  reason: null,
};

test("with estimate=true each step has its estimate, or the reason for none", async () => {
  const times = [DAY, DAY + MINUTE_MS, DAY + 2 * MINUTE_MS];
  await write(times.map((event_time) => sampleLiquidation({ event_id: `e${event_time}`, event_time })));
  const settled = DAY + 2 * MINUTE_MS;
  await writeMinuteEstimates(env.DB, [{ time: DAY, estimates: new Map([["BTC", [ESTIMATE]]]) }], { from: DAY, settled });
  const range = `start=${DAY}&end=${DAY + 10 * MINUTE_MS}`;
  const { status, body } = await get(`/v1/totals?symbol=BTC&interval=1m&estimate=true&${range}`);
  expect(status).toBe(200);
  const [first, late, unsettled] = body.data;
  // Venues that may leave any liquidation out reported nothing.
  expect(first).toMatchObject({
    time: DAY,
    estimate: {
      sides: { long: { estimated_usd: 1_100, status: "experimental", reason: expect.stringContaining("reported nothing") } },
      exchanges: { binance: { high_usd: 1_300, status: "validated" } },
    },
  });
  const reason = expect.stringContaining("arrived after the estimate");
  expect(late).toMatchObject({ estimate: { sides: { total: { estimated_usd: null, reason } } } });
  expect(unsettled).toMatchObject({ estimate: { sides: { total: { estimated_usd: null, reason: "its minutes are not settled yet" } } } });
  expect((await get(`/v1/totals?symbol=BTC&interval=1m&${range}`)).body.data[0]).not.toHaveProperty("estimate");
  expect((await get(`/v1/totals?symbol=BTC&estimate=true&start=${NOW - 5 * DAY_MS}`)).status).toBe(400);
  expect((await get("/v1/totals?symbol=BTC&estimate=maybe")).status).toBe(400);
  expect((await get("/v1/estimates/methods")).body.data).toEqual([]);
  const venue = {
    throttle: "largest",
    scale: null,
    rho: null,
    rho_exchanges: [],
    signature: null,
    status: "validated",
    reason: null,
  } as const;
  const fit = emptyFit("", { start: 0, end: NOW - 3 * DAY_MS - 1 }, 14, "");
  await saveFits(env.DB, [{ ...fit, reason: null, venues: { binance: venue } }], NOW);
  const stale = expect.stringContaining("more than 3 days before");
  const later = apiClient(NOW + 61_000);
  expect((await later("/v1/estimates/methods")).body.data).toMatchObject([
    { reason: stale, venues: [{ exchange: "binance", status: "withheld", reason: stale }] },
  ]);
});
