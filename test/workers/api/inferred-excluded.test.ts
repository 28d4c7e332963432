import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { apiClient } from "./api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 20 * HOUR_MS + 20_000;
const get = apiClient(NOW, { KUCOIN_INFERRED: "true" });
const TIMES = [2 * MINUTE_MS + 7, 40 * MINUTE_MS, 3 * HOUR_MS, 9 * HOUR_MS].map((age) => NOW - age);

const REPORTED = TIMES.map((event_time, n) =>
  sampleLiquidation({ event_id: `reported${n}`, exchange: "bybit", coverage: "all_reported", event_time, usd_value: 1_000 }),
);
const INFERRED = TIMES.map((event_time, n) =>
  sampleLiquidation({ event_id: `inferred${n}`, exchange: "kucoin", coverage: "inferred", event_time, usd_value: 70_000 }),
);

async function write(rows: readonly Liquidation[]): Promise<void> {
  for (const exchange of new Set(rows.map((row) => row.exchange))) {
    const own = rows.filter((row) => row.exchange === exchange);
    await d1Sink.write(env, parseConfig({}), sampleBatch(own, exchange));
  }
}

beforeEach(() => write(REPORTED));
afterEach(emptyStorage);

describe("inferred events change nothing in", () => {
  test.each([
    "/v1/stats?symbol=BTC&window=15m",
    "/v1/stats?symbol=BTC&window=4h",
    "/v1/stats?symbol=BTC&window=24h",
    "/v1/totals?symbol=BTC&interval=1m",
    "/v1/totals?symbol=BTC&interval=1h",
    "/v1/cross-exchange?symbol=BTC",
    "/v1/cascades",
    "/v1/liquidations?symbol=BTC",
    "/v1/liquidations?exchange=kucoin",
  ])("%s", async (path) => {
    await hourTotals(env.DB, NOW);
    const before = await get(path);
    expect(before.status).toBe(200);
    await write(INFERRED);
    await hourTotals(env.DB, NOW);
    const after = await get(path);
    expect({ ...after.body, meta: { ...after.body.meta, request_id: null } }).toEqual({
      ...before.body,
      meta: { ...before.body.meta, request_id: null },
    });
    expect((await env.DB.prepare("SELECT count(*) AS n FROM liquidations").first("n")) ?? 0).toBe(8);
  });
});

describe("/v1/liquidations with include=inferred", () => {
  test("gives both kinds page by page, each row and its venue saying what it is", async () => {
    await write(INFERRED);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await get(`/v1/liquidations?include=inferred&limit=3${cursor}`);
      seen.push(...body.data.map((row: Liquidation) => `${row.exchange} ${row.coverage}`));
      expect(body.meta.coverage).toMatchObject({ bybit: "all_reported", kucoin: "inferred" });
      cursor = body.meta.next_cursor === null ? "" : `&cursor=${body.meta.next_cursor}`;
    } while (cursor !== "");
    expect(seen.toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => "bybit all_reported"),
      ...Array.from({ length: 4 }, () => "kucoin inferred"),
    ]);
  });

  test("gives KuCoin's alone where asked for it, and nothing else can be included", async () => {
    await write(INFERRED);
    expect((await get("/v1/liquidations?include=inferred&exchange=kucoin")).body.data).toHaveLength(4);
    const refused = await get("/v1/liquidations?include=guesses");
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toMatchObject([{ parameter: "include" }]);
  });

  test("refuses a cursor from a list without them", async () => {
    await write(INFERRED);
    const { body } = await get("/v1/liquidations?limit=1");
    expect((await get(`/v1/liquidations?limit=1&include=inferred&cursor=${body.meta.next_cursor}`)).status).toBe(400);
  });
});
