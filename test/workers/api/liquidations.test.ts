import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { type Reply, apiClient } from "./api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + HOUR_MS;
const get = apiClient(NOW);

afterEach(emptyStorage);

const write = (rows: readonly Liquidation[], exchange: Liquidation["exchange"] = "binance") =>
  d1Sink.write(env, parseConfig({}), sampleBatch(rows, exchange));
const idsOf = (body: { readonly data: readonly Liquidation[] }) => body.data.map((row) => row.event_id);
const idsAscending = async (query: string) => idsOf((await get(`/v1/liquidations?order=asc&${query}`)).body);

/** The values of all pages of a list by value. */
async function valuesByPage(query: string): Promise<readonly (number | null)[]> {
  const seen: Liquidation[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const { body }: Reply = await get(`/v1/liquidations?sort=usd&limit=90${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    seen.push(...body.data);
    cursor = body.meta.next_cursor;
  }
  return seen.map((row) => row.usd_value);
}

describe("events", () => {
  test("come with all their fields, newest first", async () => {
    const rows = [1, 2].map((n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n }));
    await write(rows);
    const { status, body } = await get("/v1/liquidations");
    expect(status).toBe(200);
    expect(body.data).toEqual(rows.toReversed());
    expect(body.meta).toMatchObject({ count: 2, next_cursor: null, not_covered: null });
  });

  test("are filtered by symbol, venue, side, value and a half-open range", async () => {
    await write([
      sampleLiquidation({ event_id: "start", event_time: DAY }),
      sampleLiquidation({ event_id: "short", event_time: DAY + 1, position_side: "short" }),
      sampleLiquidation({ event_id: "eth", event_time: DAY + 2, symbol: "ETH" }),
      sampleLiquidation({ event_id: "large", event_time: DAY + 3, usd_value: 2e6 }),
      sampleLiquidation({ event_id: "unknown", event_time: DAY + 4, usd_value: null }),
      sampleLiquidation({ event_id: "end", event_time: DAY + 5 }),
    ]);
    await write([sampleLiquidation({ event_id: "okx", exchange: "okx", event_time: DAY + 6 })], "okx");
    expect(await idsAscending("symbol=eth")).toEqual(["eth"]);
    expect(await idsAscending("side=short")).toEqual(["short"]);
    expect(await idsAscending("exchange=okx")).toEqual(["okx"]);
    expect(await idsAscending("min_usd=2000000")).toEqual(["large"]);
    expect(await idsAscending(`start=${DAY}&end=${DAY + 5}`)).toEqual(["start", "short", "eth", "large", "unknown"]);
    expect(await idsAscending(`start=2026-11-20T01:00:00.002%2B01:00&end=2026-11-20T00:00:00.004Z`)).toEqual(["eth", "large"]);
  });

  test("come by value over pages, each once, without those of unknown value and with every filter", async () => {
    const rows = Array.from({ length: 60 }, (_, n) =>
      sampleLiquidation({
        event_id: `id${n}`,
        event_time: DAY + n,
        usd_value: n % 10 === 0 ? null : (n * 37) % 20,
        symbol: n % 2 === 0 ? "BTC" : "ETH",
        position_side: n % 3 === 0 ? "short" : "long",
      }),
    );
    await write(rows);
    for (const [query, wanted] of [
      ["", () => true],
      ["&symbol=ETH", (row: Liquidation) => row.symbol === "ETH"],
      ["&exchange=binance&min_usd=5", (row: Liquidation) => (row.usd_value ?? 0) >= 5],
      [
        `&side=short&start=${DAY + 20}&end=${DAY + 50}`,
        (row: Liquidation) => row.position_side === "short" && row.event_time >= DAY + 20 && row.event_time < DAY + 50,
      ],
    ] as const) {
      for (const order of ["desc", "asc"] as const) {
        const seen: Liquidation[] = [];
        for (let cursor: string | null = ""; cursor !== null;) {
          const { status, body }: Reply = await get(
            `/v1/liquidations?sort=usd&order=${order}&limit=7${query}${cursor === "" ? "" : `&cursor=${cursor}`}`,
          );
          expect(status, JSON.stringify(body)).toBe(200);
          seen.push(...body.data);
          cursor = body.meta.next_cursor;
        }
        const sign = order === "asc" ? 1 : -1;
        const expected = rows
          .filter((row) => row.usd_value !== null && wanted(row))
          .toSorted((a, b) => sign * ((a.usd_value ?? 0) - (b.usd_value ?? 0) || (a.event_id < b.event_id ? -1 : 1)));
        expect(
          seen.map((row) => row.event_id),
          query,
        ).toEqual(expected.map((row) => row.event_id));
      }
    }
  });

  test("by value are those of 10,000 USD or more where many are in question, and all of them where few are", async () => {
    const rows = Array.from({ length: 301 }, (_, n) =>
      sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n, usd_value: 9_998 + n / 100, symbol: n < 150 ? "BTC" : "ETH" }),
    );
    await write(rows);
    const values = rows.map((row) => row.usd_value ?? 0).toReversed();
    const large = values.filter((value) => value >= 10_000);
    expect(large).toHaveLength(101);
    expect(await valuesByPage("")).toEqual(large);
    expect(await valuesByPage("&order=asc")).toEqual(large.toReversed());
    expect(await valuesByPage(`&start=${DAY}&end=${DAY + 1_000}&min_usd=9999`)).toEqual(large);
    expect(await valuesByPage(`&start=${DAY + 1}`)).toEqual(values.slice(0, 300));
    expect(await valuesByPage(`&start=${DAY + 1}&order=asc`)).toEqual(values.slice(0, 300).toReversed());
    expect(await valuesByPage("&symbol=BTC")).toEqual(values.slice(151));
    expect(await valuesByPage("&min_usd=10000.5")).toEqual(values.filter((value) => value >= 10_000.5));
  });

  test("by value end where the events of D1 begin, and say so", async () => {
    const { body } = await get(`/v1/liquidations?sort=usd&start=${NOW - 48 * HOUR_MS}`);
    expect(body.meta.not_covered).toMatchObject({ start: NOW - 48 * HOUR_MS, end: NOW - 24 * HOUR_MS, code: "archive_not_sorted" });
    expect((await get("/v1/liquidations?sort=usd")).body.meta.not_covered).toBeNull();
    const old = await get(`/v1/liquidations?sort=usd&start=${NOW - 48 * HOUR_MS}&end=${NOW - 30 * HOUR_MS}`);
    expect(old).toMatchObject({ status: 400, body: { errors: [{ parameter: "sort" }] } });
  });

  test("come with the coverage and the gaps of the venues asked for", async () => {
    const gap: Gap = { exchange: "okx", from_time: DAY, to_time: DAY + 1_000, reason: "blocked" };
    await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap, { ...gap, exchange: "bybit" }], minuteMarks: [] });
    const { body } = await get("/v1/liquidations?exchange=okx");
    expect(body.meta).toMatchObject({ coverage: { okx: "sampled" }, gaps: [gap] });
    expect((await get("/v1/liquidations")).body.meta.gaps).toHaveLength(2);
  });
});

describe("pages", () => {
  test("together hold every event that was there at the first one, each once and in order, while others arrive", async () => {
    const moments = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 });
    const asked = fc.record({ order: fc.constantFrom("asc", "desc"), limit: fc.integer({ min: 1, max: 7 }) });
    await fc.assert(
      fc.asyncProperty(moments, moments, asked, async (first, arriving, { order, limit }) => {
        await emptyStorage();
        const rows = first.map((moment, n) => sampleLiquidation({ event_id: `first${n}`, event_time: DAY + moment }));
        if (rows.length > 0) await write(rows);
        const seen: Liquidation[] = [];
        let cursor: string | null = "";
        for (let page = 0; cursor !== null; page += 1) {
          const { status, body } = await get(`/v1/liquidations?order=${order}&limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`);
          expect(status).toBe(200);
          expect(body.data.length).toBeLessThanOrEqual(limit);
          expect(page).toBeLessThanOrEqual(first.length + arriving.length);
          seen.push(...body.data);
          cursor = body.meta.next_cursor;
          const moment = arriving[page];
          if (moment !== undefined) await write([sampleLiquidation({ event_id: `late${page}`, event_time: DAY + moment })]);
        }
        const ids = seen.map((row) => row.event_id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const row of rows) expect(ids).toContain(row.event_id);
        const places = seen.map((row) => `${row.event_time} ${row.event_id}`);
        expect(places).toEqual(order === "asc" ? places.toSorted() : places.toSorted().toReversed());
      }),
      { numRuns: 12 },
    );
  });

  test("a cursor goes with its own query only, whatever the page's size", async () => {
    await write(Array.from({ length: 5 }, (_, n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n })));
    const cursor = (await get("/v1/liquidations?symbol=BTC&limit=2")).body.meta.next_cursor;
    expect(idsOf((await get(`/v1/liquidations?symbol=BTC&limit=3&cursor=${cursor}`)).body)).toEqual(["id2", "id1", "id0"]);
    for (const query of ["symbol=ETH", "symbol=BTC&order=asc", "symbol=BTC&side=long", `symbol=BTC&start=${DAY}`]) {
      const reply = await get(`/v1/liquidations?${query}&cursor=${cursor}`);
      expect(reply).toMatchObject({ status: 400, body: { errors: [{ parameter: "cursor" }] } });
    }
    expect((await get(`/v1/totals?symbol=BTC&cursor=${cursor}`)).status).toBe(400);
    expect((await get(`/v1/liquidations?symbol=BTC&cursor=${cursor.slice(0, -4)}`)).status).toBe(400);
  });

  test("a cursor whose events are gone is refused rather than continued with holes", async () => {
    await write(Array.from({ length: 3 }, (_, n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n })));
    const cursor = (await get("/v1/liquidations?limit=1")).body.meta.next_cursor;
    await env.DB.prepare("UPDATE hot_events SET from_time = ?")
      .bind(DAY + HOUR_MS)
      .run();
    const reply = await get(`/v1/liquidations?limit=1&cursor=${cursor}`);
    expect(reply).toMatchObject({ status: 400, body: { errors: [{ parameter: "cursor", detail: expect.stringContaining("too old") }] } });
  });
});

describe("what lies before the hot events", () => {
  test("is answered by a 501 problem that names what is needed", async () => {
    const reply = await get(`/v1/liquidations?start=${NOW - 48 * HOUR_MS}&end=${NOW - 24 * HOUR_MS}`);
    expect(reply).toMatchObject({ status: 501, body: { code: "archive_off" } });
    expect(reply.body.detail).toContain("SUPABASE_URL and SUPABASE_SECRET_KEY");
  });

  test("is named beside the part that is answered", async () => {
    await write([sampleLiquidation({ event_id: "hot" })]);
    const { status, body } = await get(`/v1/liquidations?start=${NOW - 48 * HOUR_MS}`);
    expect(status).toBe(200);
    expect(idsOf(body)).toEqual(["hot"]);
    expect(body.meta.not_covered).toMatchObject({ start: NOW - 48 * HOUR_MS, end: NOW - 24 * HOUR_MS, code: "archive_off" });
    expect(body.meta.not_covered.detail).toContain("SUPABASE_SECRET_KEY");
  });
});
