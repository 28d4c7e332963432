import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { DAY } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";

const NOW = DAY + 20 * MINUTE_MS;
const get = apiClient(NOW);

/** [minute of the day, venue, open, high, low, close] */
type Row = readonly [minute: number, exchange: string, open: number, high: number, low: number, close: number];

async function store(rows: readonly Row[]): Promise<void> {
  const insert = env.DB.prepare(
    "INSERT INTO minute_marks (symbol, minute, exchange, open, high, low, close, samples) VALUES ('BTC', ?1, ?2, ?3, ?4, ?5, ?6, 60)",
  );
  await env.DB.batch(rows.map(([minute, ...rest]) => insert.bind(DAY + minute * MINUTE_MS, ...rest)));
}

beforeEach(() =>
  store([
    [0, "bybit", 100, 104, 99, 103],
    [1, "bybit", 103, 103, 97, 98],
    [5, "bybit", 98, 99, 98, 99],
    [4, "okx", 50, 50, 50, 50],
  ]),
);
afterEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

test("minutes of the venue with the newest one are joined into steps, and a step without a mark is left out", async () => {
  const { status, body } = await get(`/v1/marks?symbol=BTC&interval=5m&start=${DAY}`);
  expect(status).toBe(200);
  expect(body.data).toEqual([
    { time: DAY, exchange: "bybit", open: 100, high: 104, low: 97, close: 98, samples: 120 },
    { time: DAY + 5 * MINUTE_MS, exchange: "bybit", open: 98, high: 99, low: 98, close: 99, samples: 60 },
  ]);
  expect((await get(`/v1/marks?symbol=BTC&start=${DAY}`)).body.data).toHaveLength(3);
});

test("a venue can be asked for; one without marks has an empty list", async () => {
  const { body } = await get(`/v1/marks?symbol=BTC&exchange=okx&start=${DAY}`);
  expect(body.data).toEqual([{ time: DAY + 4 * MINUTE_MS, exchange: "okx", open: 50, high: 50, low: 50, close: 50, samples: 60 }]);
  expect((await get(`/v1/marks?symbol=BTC&exchange=binance&start=${DAY}`)).body.data).toEqual([]);
});

test.each(["interval=2m", "exchange=mtgox", `start=${DAY - 3 * 86_400_000}`, "limit=5"])("%s is refused by name", async (parameters) => {
  const { status, body } = await get(`/v1/marks?symbol=BTC&${parameters}`);
  expect({ status, parameter: body.errors[0].parameter }).toEqual({ status: 400, parameter: parameters.split("=")[0] });
});
