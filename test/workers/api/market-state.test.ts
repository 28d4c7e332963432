import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { simulateMarketDays } from "../../../scripts/market-simulation/market-days.ts";
import { parseConfig } from "../../../src/config.ts";
import type { MarketDay } from "../../../src/market-state/market-day.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { marketState } from "../../../workers/cron/market-state.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";

/** Half an hour and a minute after the end of the day. */
const NOW = DAY + DAY_MS + 31 * MINUTE_MS;
const get = apiClient(NOW);
const config = parseConfig({ LIQUIDATION_SYMBOLS: "BTC", LIQUIDATION_EXCHANGES: "okx,bybit" });

afterEach(emptyStorage);

async function storeMarks(minutes: readonly (readonly [time: number, interest: number, funding: number])[]): Promise<void> {
  const insert = env.DB.prepare(
    `INSERT INTO minute_marks (symbol, exchange, minute, open, high, low, close, samples, index_price, open_interest_usd, funding_rate,
       funding_interval_hours) VALUES ('BTC', 'okx', ?1, 100, 100, 100, 100, 60, 100.1, ?2, ?3, 8)`,
  );
  await env.DB.batch(minutes.map((row) => insert.bind(...row)));
}

async function storeDays(days: readonly MarketDay[]): Promise<void> {
  const insert = env.DB.prepare("INSERT INTO market_days (symbol, day, series) VALUES ('BTC', ?1, ?2)");
  await env.DB.batch(days.map((day, index) => insert.bind(DAY - (days.length - 1 - index) * DAY_MS, JSON.stringify(day))));
}

async function runAll(time = NOW): Promise<void> {
  for (let more = true; more;) ({ more } = await marketState(env.DB, config, time));
}

test("the state is each venue's, with the ranks of a week, and says that no correlations were computed", async () => {
  const end = NOW - MINUTE_MS;
  await storeMarks([
    ...Array.from({ length: 40 }, (_, hour) => [DAY + DAY_MS - hour * HOUR_MS - MINUTE_MS, 900, hour % 4 === 0 ? 0.01 : -0.01] as const),
    [end - 2 * MINUTE_MS, 1_000, 0.0005],
    [end - 7 * MINUTE_MS, 500, 0.0005],
  ]);
  const { status, body } = await get("/v1/market-state?symbol=BTC");
  expect(status).toBe(200);
  expect(body.data).toMatchObject({
    symbol: "BTC",
    time: NOW - MINUTE_MS,
    exchanges: {
      okx: { funding_rate: 0.0005, funding_interval_hours: 8, funding_percentile: 0.75, open_interest_percentile: 1 },
      bybit: { funding_rate: null, open_interest_usd: null, basis_bps: null },
    },
    squeeze: { reading: "none", funding_percentile: 0.75, open_interest_percentile: 1, funding_8h_bps: 5 },
    correlations: { status: "withheld", computed_time: null, entries: [] },
  });
});

test("a day's minutes are summed up once, and days without marks are known to have none", async () => {
  await storeMarks([
    [DAY - MINUTE_MS, 1_000, 0.0001],
    [DAY + 4 * MINUTE_MS, 1_010, 0.0001],
  ]);
  await env.DB.prepare(
    `INSERT INTO minute_totals (minute, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
     VALUES (?1, 'BTC', 'okx', 'long', 2, 0, 0, 700), (?2, 'BTC', 'bybit', 'long', 1, 0, 0, 50)`,
  )
    .bind(DAY + MINUTE_MS, DAY + 4 * MINUTE_MS)
    .run();
  await runAll();
  const row = await env.DB.prepare("SELECT series FROM market_days WHERE day = ?1").bind(DAY).first<string>("series");
  const { flow, market } = JSON.parse(row ?? "null") as MarketDay;
  expect(flow.long.slice(0, 2)).toEqual([750, 0]);
  expect(market.open_interest_change.slice(0, 2)).toEqual([100, null]);
  const days = await env.DB.prepare("SELECT count(*) AS days, count(series) AS known FROM market_days").first();
  expect(days).toEqual({ days: 7, known: 2 });
  expect(await marketState(env.DB, config, NOW)).toEqual({ days: 0, symbols: 0, more: false });
});

test("a dependence of the last 14 days is found at its lag, and withheld when it has grown old", async () => {
  const planted = { measure: "basis", position_side: "short", lag_minutes: 5, strength: 0.2 } as const;
  await storeDays(simulateMarketDays({ seed: 2, days: 14, planted }));
  await runAll();
  const { body } = await get("/v1/market-state?symbol=BTC");
  const { correlations } = body.data;
  expect(correlations).toMatchObject({
    status: "published",
    reason: null,
    from_time: DAY - 13 * DAY_MS,
    to_time: DAY + DAY_MS,
    computed_time: NOW,
  });
  expect(correlations.entries).toHaveLength(42);
  const found = correlations.entries.find(
    (one: { measure: string; position_side: string; lag_minutes: number }) =>
      one.measure === "basis" && one.position_side === "short" && one.lag_minutes === 5,
  );
  expect(found).toMatchObject({ distinguishable: true, blocks: 56 });
  const later = await apiClient(NOW + 4 * DAY_MS)("/v1/market-state?symbol=BTC");
  expect(later.body.data.correlations).toMatchObject({ status: "withheld", computed_time: NOW, entries: [] });
});

test("fewer days than seven are withheld with their number", async () => {
  await storeDays(simulateMarketDays({ seed: 2, days: 3, planted: null }));
  await runAll();
  const { body } = await get("/v1/market-state?symbol=BTC");
  expect(body.data.correlations).toMatchObject({
    status: "withheld",
    reason: expect.stringContaining("3 of the last 14 days are stored") as string,
  });
});
