import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { ESTIMATE_METHODS, type VenueSideEstimate } from "../../../src/estimates/estimate.ts";
import { readEstimateReach, readEstimateSeries, readEstimates } from "../../../workers/d1/estimate-reads.ts";
import { readEstimatedMinutes } from "../../../workers/d1/estimated-totals.ts";
import { replaceList } from "../../../workers/d1/symbol-lists.ts";
import { readNewestEstimates } from "../../../workers/d1/newest-estimates.ts";
import { deleteEstimateBlocks, sumEstimateBlocks, writeMinuteEstimates } from "../../../workers/d1/estimate-writes.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { emptyStorage } from "../empty-storage.ts";

afterEach(emptyStorage);

const START = Date.parse("2026-11-20T00:00:00Z");

function estimate(overrides: Partial<VenueSideEstimate> = {}): VenueSideEstimate {
  return {
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
    ...overrides,
  };
}

const complete = estimate({
  exchange: "bybit",
  estimated_usd: 1_000,
  low_usd: 1_000,
  high_usd: 1_000,
  estimated_events: 10,
  method: ESTIMATE_METHODS.complete,
});

test("estimates of a range are summed from hours and minutes, and a gap or a withheld part leaves no number", async () => {
  const { DB: db } = env;
  const early = await readEstimates(db, { range: { start: START, end: START + HOUR_MS }, symbols: null, exchanges: ["binance"] });
  expect(early).toMatchObject({
    range: null,
    total: { estimated_usd: null, status: "withheld", reason: expect.stringContaining("no minute") },
  });

  const minutes = Array.from({ length: 90 }, (_, index) => ({
    time: START + index * MINUTE_MS,
    estimates: new Map([
      ["BTC", [estimate(), complete]],
      ["ETH", [estimate({ position_side: "short" })]],
    ]),
  }));
  await writeMinuteEstimates(db, minutes, { from: START, settled: START + 90 * MINUTE_MS });
  await sumEstimateBlocks(db, "hours", START);
  // What only minutes knew would be missing from here on.
  await db
    .prepare("DELETE FROM estimate_blocks WHERE step_ms = 60000 AND time < ?1")
    .bind(START + HOUR_MS)
    .run();

  const range = { start: START, end: START + 2 * HOUR_MS };
  const exchanges = ["binance", "bybit"] as const;
  const btc = await readEstimates(db, { range, symbols: ["BTC"], exchanges });
  expect(btc.range).toEqual({ start: START, end: START + 90 * MINUTE_MS });
  expect(btc.total).toEqual({
    reported_usd: 180_000,
    estimated_usd: 189_000,
    low_usd: 180_900,
    high_usd: 207_000,
    reported_events: 1_800,
    estimated_events: 2_835,
    method: "complete.v1+largest_per_second.v1",
    status: "validated",
    reason: null,
  });
  const all = await readEstimates(db, { range, symbols: null, exchanges });
  expect(all.sides.short.estimated_usd).toBe(99_000);
  expect((await readEstimates(db, { range, symbols: null, exchanges, side: "short" })).total).toEqual(all.sides.short);
  expect((await readEstimates(db, { range, symbols: ["BTC"], exchanges: ["bybit"] })).total).toMatchObject({
    estimated_usd: 90_000,
    method: "complete.v1",
  });

  const hourly = await readEstimateSeries(db, { range, symbols: ["BTC", "ETH"], exchanges }, HOUR_MS);
  expect(hourly.map(({ time, total }) => [time, total.reported_events])).toEqual([[START, 1_800]]);

  await db
    .prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) VALUES ('binance', ?1, ?2, 'disconnected')")
    .bind(START + 70 * MINUTE_MS + 1_000, START + 70 * MINUTE_MS + 2_000)
    .run();
  const gapped = await readEstimates(db, { range, symbols: ["BTC"], exchanges });
  expect(gapped.total).toMatchObject({ reported_usd: 180_000, estimated_usd: null, estimated_events: null, status: "withheld" });
  expect(gapped.total.reason).toContain("binance has a gap that began 2026-11-20T01:10:01.000Z");
  const series = await readEstimateSeries(
    db,
    { range: { start: START + HOUR_MS, end: range.end }, symbols: ["BTC"], exchanges },
    MINUTE_MS,
  );
  expect(series.filter(({ total }) => total.status === "withheld").map(({ time }) => time)).toEqual([START + 70 * MINUTE_MS]);
});

test("an hour of a flood, whose blocks are more than one value of D1 holds, is stored and summed", async () => {
  const { DB: db } = env;
  const reason = "the liquidations of this venue do not fit the model of them, so that no number is published";
  const withheld = { estimated_usd: null, low_usd: null, high_usd: null, estimated_events: null, status: "withheld", reason } as const;
  const flood = new Map(Array.from({ length: 250 }, (_, index) => [`S${index}`, [estimate(withheld), complete]]));
  const minutes = Array.from({ length: 60 }, (_, index) => ({ time: START + index * MINUTE_MS, estimates: flood }));
  await writeMinuteEstimates(limited(db), minutes, { from: START, settled: START + HOUR_MS });
  await sumEstimateBlocks(limited(db), "hours", START);
  const range = { start: START, end: START + HOUR_MS };
  const { total } = await readEstimates(db, { range, symbols: ["S249"], exchanges: ["bybit"] });
  expect(total).toMatchObject({ reported_events: 600, estimated_usd: 60_000 });
  expect(await readEstimateReach(db)).toMatchObject({ settled: START + HOUR_MS, hours: START + HOUR_MS });
});

test("a gap of a venue that does not list the base asset withholds nothing of it, and a gap of one that may does", async () => {
  const { DB: db } = env;
  const range = { start: START, end: START + MINUTE_MS };
  await writeMinuteEstimates(db, [{ time: START, estimates: new Map([["BTC", [complete]]]) }], { from: START, settled: range.end });
  await db
    .prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) VALUES ('gate', ?1, ?2, 'disconnected')")
    .bind(START, range.end)
    .run();
  const exchanges = ["bybit", "gate"] as const;
  const statuses = async () => {
    const { minutes } = await readEstimatedMinutes(db, range, exchanges);
    const { total } = await readEstimates(db, { range, symbols: ["BTC"], exchanges });
    const [minute] = await readEstimateSeries(db, { range, symbols: ["BTC"], exchanges }, MINUTE_MS);
    return [total.status, minute?.total.status, minutes[0]?.sides.total.status];
  };
  // Of a venue whose contracts were never read it is not known.
  expect(await statuses()).toEqual(["withheld", "withheld", "withheld"]);
  await replaceList(db, "gate", [{ symbol: "BTC", trading: ["BTC_USDT"], halted: [] }], START);
  expect(await statuses()).toEqual(["withheld", "withheld", "withheld"]);
  await replaceList(db, "gate", [{ symbol: "ETH", trading: ["ETH_USDT"], halted: [] }], START);
  expect(await statuses()).toEqual(["validated", "validated", "validated"]);
});

test("the newest estimates of a range that is older than the kept minutes begin at a full hour", async () => {
  const { DB: db } = env;
  const minutes = Array.from({ length: 180 }, (_, index) => ({
    time: START + index * MINUTE_MS,
    estimates: new Map([["BTC", [complete]]]),
  }));
  const end = START + 3 * HOUR_MS;
  await writeMinuteEstimates(db, minutes, { from: START, settled: end });
  for (const hour of [0, 1, 2]) await sumEstimateBlocks(db, "hours", START + hour * HOUR_MS);
  await deleteEstimateBlocks(db, START + 2 * HOUR_MS, START);
  const read = (start: number) => readNewestEstimates(db, { symbol: "BTC", range: { start, end }, exchanges: ["bybit"] });
  expect(await read(START + 10 * MINUTE_MS)).toMatchObject({ range: { start: START + HOUR_MS, end }, total: { estimated_usd: 120_000 } });
  const kept = { start: START + 130 * MINUTE_MS, end };
  expect(await read(kept.start)).toMatchObject({ range: kept, total: { estimated_usd: 50_000 } });
});

/** A database that takes values of at most 2,000,000 bytes, as D1 does in production: the local one takes longer ones. */
function limited(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name: keyof D1Database) {
      if (name !== "prepare") return target[name].bind(target);
      return (sql: string) => {
        const statement = target.prepare(sql);
        const bind: D1PreparedStatement["bind"] = (...values) => {
          const longest = Math.max(...values.map((value) => (typeof value === "string" ? value.length : 0)));
          if (longest > 2_000_000) throw new Error(`string or blob too big: ${longest} bytes`);
          return statement.bind(...values);
        };
        return { bind };
      };
    },
  });
}
