import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { flowUsd } from "../../../src/flow-usd.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { apiClient, type Reply } from "./api-client.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 12 * HOUR_MS + 30 * MINUTE_MS;
const get = apiClient(NOW);

let events: readonly Liquidation[];

beforeEach(async () => {
  const venues = ["binance", "bybit", "okx"] as const;
  events = Array.from({ length: 240 }, (_, n) =>
    sampleLiquidation({
      event_id: `e${n}`,
      exchange: venues[n % 3] ?? "okx",
      symbol: ["BTC", "ETH", "SOL", "BTC"][n % 4] ?? "BTC",
      position_side: n % 5 === 0 ? "short" : "long",
      event_time: NOW - (n + 1) * 3 * MINUTE_MS,
      usd_value: 100 + ((n * 7919) % 1_000),
      notional_mark_usd: n % 50 === 0 ? null : 90 + ((n * 7919) % 1_000),
    }),
  );
  for (const exchange of venues)
    await d1Sink.write(
      env,
      parseConfig({}),
      sampleBatch(
        events.filter((row) => row.exchange === exchange),
        exchange,
      ),
    );
  await hourTotals(env.DB, NOW - 3 * HOUR_MS);
});

afterEach(emptyStorage);

const ranking = async (query: string): Promise<Reply["body"]> => {
  const { status, body } = await get(`/v1/rankings?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data;
};

/** The same figures, from the events. */
function expected(wanted: (row: Liquidation) => boolean, keyOf: (row: Liquidation) => string) {
  const groups = [...Map.groupBy(events.filter(wanted), keyOf)].map(([key, rows]) => ({
    key,
    events: rows.length,
    usd: rows.reduce((sum, row) => sum + (flowUsd(row) ?? 0), 0),
    max_usd: Math.max(...rows.map((row) => flowUsd(row) ?? 0)),
  }));
  return groups.toSorted((a, b) => b.usd - a.usd);
}

test.each([
  ["by=symbol", () => true, (row: Liquidation) => row.symbol],
  ["by=exchange", () => true, (row: Liquidation) => row.exchange],
  ["by=side", () => true, (row: Liquidation) => row.position_side],
  [
    "by=symbol&exchange=okx&side=long",
    (row: Liquidation) => row.exchange === "okx" && row.position_side === "long",
    (row: Liquidation) => row.symbol,
  ],
  ["by=exchange&symbol=BTC", (row: Liquidation) => row.symbol === "BTC", (row: Liquidation) => row.exchange],
  [
    `by=symbol&start=${NOW - 5 * HOUR_MS - 10 * MINUTE_MS}&end=${NOW - HOUR_MS + 5 * MINUTE_MS}`,
    ({ event_time: time }: Liquidation) => time >= NOW - 5 * HOUR_MS - 10 * MINUTE_MS && time < NOW - HOUR_MS + 5 * MINUTE_MS,
    (row: Liquidation) => row.symbol,
  ],
  [
    `by=symbol&start=${NOW - 50 * MINUTE_MS}&end=${NOW - 40 * MINUTE_MS}`,
    ({ event_time: time }: Liquidation) => time >= NOW - 50 * MINUTE_MS && time < NOW - 40 * MINUTE_MS,
    (row: Liquidation) => row.symbol,
  ],
])("%s ranks exactly what the events say, and the total is the sum of its parts", async (query, wanted, keyOf) => {
  const data = await ranking(query);
  const groups = expected(wanted, keyOf);
  expect(groups.length).toBeGreaterThan(0);
  expect(data.ranking).toMatchObject(groups);
  expect(data.ranking.map(({ rank }: { rank: number }) => rank)).toEqual(groups.map((_, index) => index + 1));
  expect(data).toMatchObject({
    groups: groups.length,
    total: { events: groups.reduce((sum, group) => sum + group.events, 0), usd: groups.reduce((sum, group) => sum + group.usd, 0) },
  });
  expect(data.ranking.reduce((sum: number, group: { share: number }) => sum + group.share, 0)).toBeCloseTo(1);
});

test("ranks by count and by the largest event, says how many groups a limit omits, and adds no units of different assets", async () => {
  const byCount = await ranking("rank=events&limit=1");
  expect(byCount).toMatchObject({
    groups: 3,
    total: { events: 240, quantity: null },
    ranking: [{ key: "BTC", events: 120, quantity: 60 }],
  });
  const largest = await ranking("rank=max_usd");
  const values = largest.ranking.map(({ max_usd }: { max_usd: number }) => max_usd);
  expect(values).toEqual(values.toSorted((a: number, b: number) => b - a));
  expect(largest.ranking[0].share).toBeNull();
  expect((await ranking("by=exchange")).ranking[0].quantity).toBeNull();
});

test.each([
  ["/v1/rankings?by=price", "by"],
  ["/v1/rankings?rank=size", "rank"],
  [`/v1/rankings?start=${NOW - 40 * DAY_MS}`, "start"],
  [`/v1/rankings?start=${NOW - 410 * DAY_MS}&end=${NOW - 400 * DAY_MS}`, "start"],
  [`/v1/totals?interval=1m&start=${NOW - 3 * DAY_MS}`, "start"],
  [`/v1/totals?interval=1h&start=${NOW - 40 * DAY_MS}`, "start"],
])("%s is refused by name", async (path, parameter) => {
  expect(await get(path)).toMatchObject({ status: 400, body: { errors: [{ parameter }] } });
});

test("totals over all assets are the sums of the assets' totals, by every interval and over pages", async () => {
  for (const interval of ["1m", "1h", "1d"]) {
    const read = async (symbol: string | null) => {
      const points: Reply["body"][] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const query = `interval=${interval}&start=${DAY}&limit=7${symbol === null ? "" : `&symbol=${symbol}`}${cursor === "" ? "" : `&cursor=${cursor}`}`;
        const { status, body }: Reply = await get(`/v1/totals?${query}`);
        expect(status).toBe(200);
        points.push(...body.data);
        cursor = body.meta.next_cursor;
      }
      return points;
    };
    const all = await read(null);
    const each = (await Promise.all(["BTC", "ETH", "SOL"].map(read))).flat();
    for (const { time, sides, exchanges } of all) {
      const own = each.filter((point) => point.time === time);
      for (const side of ["long", "short"] as const) {
        expect(sides[side].usd).toBeCloseTo(own.reduce((sum, point) => sum + point.sides[side].usd, 0));
        expect(sides[side].events).toBe(own.reduce((sum, point) => sum + point.sides[side].events, 0));
      }
      expect(Object.values<Reply["body"]>(exchanges).reduce((sum, sidesOf) => sum + sidesOf.long.events + sidesOf.short.events, 0)).toBe(
        sides.long.events + sides.short.events,
      );
    }
    expect(new Set(all.map(({ time }) => time))).toEqual(new Set(each.map(({ time }) => time)));
  }
});
