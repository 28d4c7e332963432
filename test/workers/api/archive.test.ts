import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { apiClient } from "./api-client.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { type OwnSupabase, ownSupabase } from "../supabase/supabase-stack.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 48 * HOUR_MS;
/** Before this time events are the archive's. */
const BORDER = NOW - 24 * HOUR_MS;

let supabase: OwnSupabase;
beforeAll(async () => {
  supabase = await ownSupabase();
});
afterEach(clear);

async function clear(): Promise<void> {
  await emptyStorage();
  await supabase.query("truncate liquidation_events");
}

const clientAt = (now: number, changes: Readonly<Record<string, unknown>> = {}) => apiClient(now, { ...supabase.variables, ...changes });
const get = (path: string) => clientAt(NOW)(path);
const inD1 = (rows: readonly Liquidation[]) => d1Sink.write(env, parseConfig({}), sampleBatch(rows));
const inSupabase = async (rows: readonly Liquidation[]) =>
  expect(await storeLiquidations(parseConfig(supabase.variables), rows)).toEqual({ kind: "stored", refused: [] });
const everywhere = async (rows: readonly Liquidation[]) => {
  await inD1(rows);
  await inSupabase(rows);
};
const idsOf = (body: { readonly data: readonly Liquidation[] }) => body.data.map((row) => row.event_id);
const at = (event_id: string, hoursToBorder: number, changes: Partial<Liquidation> = {}) =>
  sampleLiquidation({ event_id, event_time: BORDER + hoursToBorder * HOUR_MS, ...changes });

const idsOfADay = async (query: string) => idsOf((await get(`/v1/liquidations?order=asc&start=${BORDER - DAY_MS}&${query}`)).body);
const timesOf = (body: { readonly data: readonly { readonly time: number }[] }) => body.data.map((step) => step.time);
/** Sorts as the API does: by time and then by the bytes of the id. */
const placeOf = (row: Liquidation) =>
  `${row.event_time} ${[...new TextEncoder().encode(row.event_id)].map((byte) => byte.toString(16)).join("")}`;

/** What D1 forgets in an hour of cron runs. */
const forget = (now: number) => retention(env.DB, parseConfig({}), now, []);

describe("liquidations over both stores", () => {
  test("are read from Supabase before the border and from D1 from it on, all fields alike", async () => {
    const rows = [at("archived", -1), at("just before", -1 / HOUR_MS), at("border", 0), at("hot", 1)];
    await everywhere(rows);
    // Only D1 has the newest, since Supabase lags, and only Supabase the oldest, which D1 forgot.
    await inD1([at("newest", 23)]);
    await inSupabase([at("oldest", -20)]);
    const { status, body } = await get(`/v1/liquidations?order=asc&start=${BORDER - DAY_MS}`);
    expect(status).toBe(200);
    expect(idsOf(body)).toEqual(["oldest", "archived", "just before", "border", "hot", "newest"]);
    expect(body.data.slice(1, 5)).toEqual(rows);
    expect(body.meta).toMatchObject({ count: 6, next_cursor: null, not_covered: null });
  });

  test("are filtered alike on both sides", async () => {
    for (const hours of [-3, 3]) {
      const changes: readonly Partial<Liquidation>[] = [
        { symbol: "ETH" },
        { position_side: "short" },
        { usd_value: 2e6 },
        { usd_value: null },
      ];
      await everywhere(changes.map((change, n) => at(`${hours} ${n}`, hours, change)));
    }
    expect(await idsOfADay("symbol=ETH")).toEqual(["-3 0", "3 0"]);
    expect(await idsOfADay("side=short")).toEqual(["-3 1", "3 1"]);
    expect(await idsOfADay("min_usd=2000000")).toEqual(["-3 2", "3 2"]);
    expect(await idsOfADay("exchange=okx")).toEqual([]);
  });

  test("come page by page, each once and in order, while the clock goes on and D1 forgets", async () => {
    // Ids of one moment whose order depends on the collation.
    const moments = fc.array(fc.record({ minutes: fc.integer({ min: -2, max: 2 }), id: fc.constantFrom("a", "B", "ä", "_", "a,b", "Z") }), {
      minLength: 6,
      maxLength: 20,
      size: "max",
    });
    const asked = fc.record({ order: fc.constantFrom("asc", "desc"), limit: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(
      fc.asyncProperty(moments, asked, async (list, { order, limit }) => {
        await clear();
        const rows = new Map(
          list.map(({ minutes, id }) => {
            const row = at(`${id} ${minutes}`, minutes / 60);
            return [row.event_id, row];
          }),
        );
        if (rows.size > 0) await everywhere([...rows.values()]);
        const seen: Liquidation[] = [];
        let cursor: string | null = "";
        for (let page = 0; cursor !== null; page += 1) {
          const now = NOW + page * 40 * MINUTE_MS;
          await forget(now);
          const client = clientAt(now);
          const query = `start=${BORDER - HOUR_MS}&end=${BORDER + HOUR_MS}&order=${order}&limit=${limit}`;
          const { status, body } = await client(`/v1/liquidations?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
          expect(status).toBe(200);
          seen.push(...body.data);
          cursor = body.meta.next_cursor;
        }
        const wanted = [...rows.values()].map(placeOf).toSorted();
        expect(seen.map(placeOf)).toEqual(order === "asc" ? wanted : wanted.toReversed());
      }),
      { numRuns: 15 },
    );
  });

  test("of the hot range do not wait for Supabase", async () => {
    await everywhere([at("hot", 1)]);
    await supabase.pause();
    const { body } = await get("/v1/liquidations").finally(() => supabase.resume());
    expect(idsOf(body)).toEqual(["hot"]);
  });

  test("a page that does not reach the archive is answered while it is down, and the rest is once it is back", async () => {
    await everywhere([at("hot", 1), at("hotter", 2), at("archived", -1)]);
    const path = `/v1/liquidations?start=${BORDER - DAY_MS}&limit=1`;
    await supabase.pause();
    const first = await get(path);
    const refused = await get(`/v1/liquidations?start=${BORDER - DAY_MS}&end=${BORDER}`);
    await supabase.resume();
    expect(idsOf(first.body)).toEqual(["hotter"]);
    expect(refused).toMatchObject({ status: 503, body: { code: "archive_unavailable" } });
    const { body } = await get(`${path}0&cursor=${first.body.meta.next_cursor}`);
    expect(idsOf(body)).toEqual(["hot", "archived"]);
  });

  test("name the stretch the archive may lack while a feed has not sent all it has", async () => {
    const status = sampleFeedStatus({ exchange: "okx" });
    const behind = { ...status.sinks.supabase, oldest_unstored_event_time: BORDER - 2 * HOUR_MS };
    const lagging = { ...status, sinks: { ...status.sinks, supabase: behind } };
    const client = apiClient(NOW, supabase.variables, () => Promise.resolve([{ exchange: "okx", status: lagging, error: null }]));
    const { body } = await client(`/v1/liquidations?start=${BORDER - DAY_MS}`);
    expect(body.meta.not_covered).toMatchObject({ start: BORDER - 2 * HOUR_MS, end: BORDER, code: "archive_behind" });
    expect((await client("/v1/liquidations")).body.meta.not_covered).toBeNull();
  });
});

const twoDays = (path: string) => clientAt(NOW, { LIQUIDATION_SUPABASE_RETENTION_DAYS: "2" })(path);

describe("an archive that keeps 2 days", () => {
  test("is read for them, and what is older is named", async () => {
    await inSupabase([at("kept", -23), at("about to go", -25)]);
    const { body } = await twoDays(`/v1/liquidations?start=${BORDER - 3 * DAY_MS}`);
    expect(idsOf(body)).toEqual(["kept"]);
    expect(body.meta.not_covered).toMatchObject({ start: BORDER - 3 * DAY_MS, end: BORDER - DAY_MS, code: "archive_expired" });
  });

  test("answers 410 for a range that is older as a whole", async () => {
    const reply = await twoDays(`/v1/liquidations?start=${BORDER - 3 * DAY_MS}&end=${BORDER - 2 * DAY_MS}`);
    expect(reply).toMatchObject({ status: 410, body: { code: "archive_expired" } });
    expect(reply.body.detail).toContain("LIQUIDATION_SUPABASE_RETENTION_DAYS");
  });
});

describe("an archive that fails is a problem of its own kind, which shows no key", () => {
  const OLD = [
    `/v1/liquidations?start=${BORDER - DAY_MS}&end=${BORDER}`,
    `/v1/totals?symbol=BTC&start=${NOW - 20 * DAY_MS}&end=${NOW - 10 * DAY_MS}`,
  ];

  test.each(OLD)("that does not respond: %s", async (path) => {
    await supabase.fail({ kind: "answer", status: 503, body: "", headers: { "retry-after": "7" } });
    const reply = await get(path).finally(() => supabase.fail(null));
    expect(reply).toMatchObject({ status: 503, body: { code: "archive_unavailable" } });
    expect(reply.headers.get("Retry-After")).toBe("7");
    expect(JSON.stringify(reply.body)).not.toContain(supabase.variables.SUPABASE_SECRET_KEY);
  });

  test("that asks for a day of patience: callers are asked for five minutes", async () => {
    await supabase.fail({ kind: "answer", status: 503, body: "", headers: { "retry-after": "86400" } });
    const reply = await get(OLD[0] ?? "").finally(() => supabase.fail(null));
    expect(reply.headers.get("Retry-After")).toBe("300");
  });

  test.each(OLD)("that refuses the key: %s", async (path) => {
    const reply = await clientAt(NOW, { SUPABASE_SECRET_KEY: "sb_secret_wrong" })(path);
    expect(reply).toMatchObject({ status: 502, body: { code: "archive_key_refused" } });
    expect(JSON.stringify(reply.body)).not.toContain("sb_secret_wrong");
  });

  test("that misses a table or a function", async () => {
    await supabase.alter("alter table liquidation_events rename to away");
    const [events, totals] = [await get(OLD[0] ?? ""), await get(OLD[1] ?? "")];
    await supabase.alter("alter table away rename to liquidation_events");
    expect(events).toMatchObject({ status: 502, body: { code: "archive_schema_outdated" } });
    expect(totals).toMatchObject({ status: 502, body: { code: "archive_schema_outdated" } });
  });
});

describe("totals over both stores", () => {
  const MINUTES_FROM = NOW - 8 * DAY_MS;
  const nearMinutes = (n: number) => MINUTES_FROM + n * MINUTE_MS;
  /** One event a minute around the place where D1's minutes begin, and what D1 forgot. */
  async function fill(): Promise<readonly Liquidation[]> {
    const rows = Array.from({ length: 40 }, (_, n) =>
      sampleLiquidation({
        event_id: `id${n}`,
        event_time: nearMinutes(n - 20) + 1,
        usd_value: n,
        position_side: n % 3 === 0 ? "short" : "long",
      }),
    );
    await everywhere(rows);
    await hourTotals(env.DB, NOW);
    return rows;
  }

  test("by minutes are the same on both sides of the border, over pages as well", async () => {
    const rows = await fill();
    await env.DB.prepare("DELETE FROM minute_totals WHERE minute < ?").bind(MINUTES_FROM).run();
    const path = `/v1/totals?symbol=BTC&start=${nearMinutes(-60)}&end=${nearMinutes(60)}`;
    const whole = await get(path);
    expect(whole.status).toBe(200);
    expect(timesOf(whole.body)).toEqual(rows.map((row) => row.event_time - 1));
    expect(
      whole.body.data.map(
        (step: { sides: { long: { usd: number }; short: { usd: number } } }) => step.sides.long.usd + step.sides.short.usd,
      ),
    ).toEqual(rows.map((row) => row.usd_value));
    expect(whole.body.data[19]).toMatchObject({ exchanges: { binance: { long: { events: 1, usd: 19, max_usd: 19 } } } });
    expect(whole.body.meta).toMatchObject({ not_covered: null, coverage: { binance: "largest_per_second" } });

    const parts: unknown[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null; page += 1) {
      // D1's minutes go on while the pages are read.
      const { status, body } = await clientAt(NOW + page * 2 * MINUTE_MS)(`${path}&limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      parts.push(...body.data);
      cursor = body.meta.next_cursor;
    }
    expect(parts).toEqual(whole.body.data);
  });

  test("by days are those of D1 where it has hours, and of Supabase before", async () => {
    const old = NOW - 450 * DAY_MS;
    await inSupabase([at("old", (old - BORDER) / HOUR_MS), at("older", (old - DAY_MS - BORDER) / HOUR_MS)]);
    await everywhere([at("hot", 0)]);
    const { body } = await get(`/v1/totals?symbol=BTC&interval=1d&start=${old - 2 * DAY_MS}&end=${NOW - 100 * DAY_MS}`);
    expect(timesOf(body)).toEqual([old - DAY_MS, old]);
    expect(timesOf((await get("/v1/totals?symbol=BTC&interval=1d")).body)).toEqual([BORDER]);
  });

  test("a cursor of a Worker without an archive is refused once its totals are gone, not continued with holes", async () => {
    await fill();
    const off = { SUPABASE_URL: undefined };
    const path = `/v1/totals?symbol=BTC&start=${nearMinutes(-60)}&limit=3`;
    const { body } = await clientAt(NOW, off)(path);
    expect(body.meta.not_covered).toMatchObject({ end: MINUTES_FROM, code: "archive_off" });
    const later = await clientAt(NOW + 2 * HOUR_MS, off)(`${path}&cursor=${body.meta.next_cursor}`);
    expect(later).toMatchObject({ status: 400, body: { errors: [{ parameter: "cursor" }] } });
    expect((await clientAt(NOW + MINUTE_MS, off)(`${path}&cursor=${body.meta.next_cursor}`)).status).toBe(200);
  });
});
