import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { FEED_SCHEMA } from "../../../durable-objects/exchange-feed/feed-schema.ts";
import { GapBackfill } from "../../../durable-objects/exchange-feed/journal/gap-backfill.ts";
import { MAX_PAGES } from "../../../durable-objects/exchange-feed/journal/read-pages.ts";
import { type VenueSql, VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { bitget } from "../../../src/exchanges/bitget/bitget.ts";
import type { Exchange, FeedMessage, Scope } from "../../../src/exchanges/exchange.ts";
import { okx } from "../../../src/exchanges/okx/okx.ts";
import { HttpStatusError } from "../../../src/http-status-error.ts";
import { until } from "../until.ts";
import { openFeed, type TestFeed } from "./open-feed.ts";
import { ownVenues, type VenueControl } from "./venue-control.ts";

/** So few that the venue's history of the test has far more than the pages of one run. */
const PAGE_ROWS = 4;
const LIQUIDATIONS = 120;
const HOUR_MS = 3_600_000;

interface Backfilling {
  readonly backfill: GapBackfill;
  /** The clock of the backfill, ms. */
  now: number;
  /** Ids of all liquidations taken, in order. */
  readonly taken: string[];
  readonly requested: string[];
  readonly log: Record<string, unknown>[];
  run(): Promise<void>;
}

function scopeOf(exchange: Exchange): Scope {
  return { symbols: "*", instruments: new Map(exchange.fallbackInstruments.map((one) => [one.instrument, one])) };
}

/** A backfill in the storage of an object, at once where the venue would be asked slowly. */
function backfilling(sql: VenueSql, exchange: Exchange, rest: string, request = requestJson): Backfilling {
  const paced: Exchange = { ...exchange, backfill: { ...(exchange.backfill ?? okx.backfill), requestIntervalMs: 0 } };
  const made: Omit<Backfilling, "backfill"> = {
    now: Date.now(),
    taken: [],
    requested: [],
    log: [],
    run: () => backfill.run(scopeOf(exchange), null),
  };
  const backfill = new GapBackfill({
    sql,
    exchange: paced,
    endpoints: { ws: rest, rest },
    request: (url) => {
      made.requested.push(url);
      return request(url);
    },
    pollIntervalMs: 120_000,
    now: () => made.now,
    take: (messages) => made.taken.push(...messages.flatMap(idOf)),
    log: (entry) => made.log.push(entry),
  });
  return Object.assign(made, { backfill });
}

function idOf(message: FeedMessage): readonly string[] {
  return message.kind === "liquidation" ? [message.liquidation.event_id] : [];
}

async function requestJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw HttpStatusError.of(response, url, text, Date.now());
  return JSON.parse(text) as unknown;
}

function inStorage<R>(name: string, run: (storage: DurableObjectStorage) => Promise<R>): Promise<R> {
  return runInDurableObject(env.EXCHANGE_FEED.getByName(name), (_object, state) => run(state.storage)) as Promise<R>;
}

async function venuesWithHistory(): Promise<VenueControl> {
  const venues = await ownVenues({ okx: { historyPage: PAGE_ROWS, lateShare: 0, repeatShare: 0 } });
  await liquidate(venues);
  return venues;
}

async function liquidate(venues: VenueControl): Promise<void> {
  for (let index = 0; index < LIQUIDATIONS; index += 1) await venues.liquidate("okx", { symbol: "BTC", side: "long", usd: 5_000 + index });
}

const restOf = (venues: VenueControl) => venues.variables["OKX_REST_URL"] ?? "";

test("a history of more pages than a run reads is read to its end in the next runs", async () => {
  const venues = await venuesWithHistory();
  await inStorage("long-history", async (storage) => {
    const one = backfilling(new VenueStorage(storage).sql, okx, restOf(venues));
    one.backfill.plan(one.now - HOUR_MS, one.now);
    await one.run();
    expect(one.requested).toHaveLength(MAX_PAGES);
    expect(one.backfill.status()).toMatchObject({
      backfills: [
        { purpose: "gap", pages_read: MAX_PAGES, liquidations_found: one.taken.length, failures: 0, given_up: null },
        { purpose: "second_look", pages_read: 0, requests_left: null, next_run_time: one.now + 600_000 },
      ],
      backfills_total: 2,
    });
    expect(one.backfill.status().backfills[0]?.requests_left).toBeGreaterThan(0);
    expect(one.backfill.isDone).toBe(false);
    const before = one.requested.length;
    await one.run();
    expect(one.requested.length - before).toBeLessThanOrEqual(MAX_PAGES);
    await until("read to its end", async () => {
      await one.run();
      return one.log.at(-1)?.["event"] === "backfill_done";
    });
    expect(new Set(one.taken)).toHaveLength(LIQUIDATIONS);
    expect(one.backfill.status().backfills.map(({ purpose }) => purpose)).toEqual(["second_look"]);
    expect(one.backfill.warnings()).toEqual([]);
  });
});

test("a run that was killed leaves its range to the object's next life, which continues at the page that the run before it reached", async () => {
  const venues = await venuesWithHistory();
  await inStorage("killed-history", async (storage) => {
    const { sql } = new VenueStorage(storage);
    const first = backfilling(sql, okx, restOf(venues));
    first.backfill.plan(first.now - HOUR_MS, first.now);
    await first.run();
    // Its second run never ends: the object is gone in the middle of a page.
    const killed = backfilling(sql, okx, restOf(venues), () => new Promise(() => undefined));
    void killed.run();
    await until("a page is requested", () => killed.requested.length === 1);
    const next = backfilling(sql, okx, restOf(venues));
    expect(next.backfill.status().backfills[0]).toMatchObject({ purpose: "gap", pages_read: MAX_PAGES });
    await next.run();
    expect(next.requested[0]).toBe(killed.requested[0]);
    expect(first.requested).not.toContain(next.requested[0]);
    await until("read to its end", async () => {
      await next.run();
      return next.log.at(-1)?.["event"] === "backfill_done";
    });
    expect(new Set([...first.taken, ...next.taken])).toHaveLength(LIQUIDATIONS);
  });
});

test("a venue that fails in the middle of its history is asked again for the page that failed, and for no page before it", async () => {
  const venues = await venuesWithHistory();
  await inStorage("failing-history", async (storage) => {
    const one = backfilling(new VenueStorage(storage).sql, okx, restOf(venues));
    one.backfill.plan(one.now - HOUR_MS, one.now);
    await one.run();
    await venues.refuse("okx", 429, { headers: { "retry-after": "300" } });
    await one.run();
    expect(one.log.at(-1)).toMatchObject({ event: "backfill_failed", failures: 1 });
    const [failed] = one.backfill.status().backfills;
    expect(failed).toMatchObject({ pages_read: MAX_PAGES, failures: 1, next_run_time: one.now + 300_000 });
    expect(failed?.last_error).toContain("429");
    const refused = one.requested.at(-1);
    await venues.refuse("okx", null);
    await one.run();
    expect(one.requested.at(-1), "not before the venue said").toBe(refused);
    const before = one.requested.length;
    one.now += 300_000;
    await one.run();
    expect(one.requested[before]).toBe(refused);
    await until("read to its end", async () => {
      await one.run();
      return one.log.at(-1)?.["event"] === "backfill_done";
    });
    expect(new Set(one.taken)).toHaveLength(LIQUIDATIONS);
  });
});

test("a history that fails five times in a row is given up with a warning for a day, which outlasts the object and ends once the range is read", async () => {
  await inStorage("given-up", async (storage) => {
    const { sql } = new VenueStorage(storage);
    let isFailing = true;
    const request = () => (isFailing ? Promise.reject(new Error("HTTP 503")) : Promise.resolve({ code: "0", msg: "", data: [] }));
    const one = backfilling(sql, okx, "http://venue.test", request);
    const start = one.now;
    one.backfill.plan(start - HOUR_MS, start);
    await until("given up", async () => {
      await one.run();
      one.now = one.backfill.status().backfills[0]?.next_run_time ?? one.now;
      return one.backfill.warnings().length > 0;
    });
    const next = backfilling(sql, okx, "http://venue.test", request);
    next.now = one.now;
    expect(next.backfill.warnings()).toEqual([expect.stringContaining("5 runs in a row failed, the last with: HTTP 503")]);
    expect(next.backfill.isDone, "the second look is left").toBe(false);
    expect(next.backfill.status().backfills.at(-1)).toMatchObject({ next_run_time: null, failures: 5 });
    isFailing = false;
    next.now += HOUR_MS;
    await next.run();
    expect(next.log.at(-1)).toMatchObject({ event: "backfill_done", purpose: "second_look" });
    expect(next.backfill.status()).toEqual({ backfills: [], backfills_total: 0 });
  });
});

/** A venue whose every page names a next one, and has no rows. */
function endless(exchange: Exchange): Exchange {
  const { backfill = okx.backfill } = exchange;
  let page = 0;
  return { ...exchange, backfill: { ...backfill, read: () => [], next: (url) => `${url.replace(/#.*/, "")}#${(page += 1)}` } };
}

const anything = () => Promise.resolve({});

test("a history without an end is given up, and one that is out of the venue's reach is not read", async () => {
  await inStorage("endless", async (storage) => {
    const { sql } = new VenueStorage(storage);
    const one = backfilling(sql, endless(okx), "http://venue.test", anything);
    one.backfill.plan(one.now - HOUR_MS, one.now);
    await one.run();
    sql.exec("UPDATE {backfills} SET pages = 19980 WHERE purpose = 'gap'");
    await one.run();
    expect(one.backfill.warnings()).toEqual([expect.stringContaining("more than 20000 pages")]);
    const { length } = one.requested;
    one.now += 24 * HOUR_MS;
    await one.run();
    expect(one.backfill.warnings()).toEqual([expect.stringContaining("further back than the 23 hours")]);
    expect(one.backfill.isDone).toBe(true);
    expect(one.requested).toHaveLength(length);
    one.now += 24 * HOUR_MS;
    await one.run();
    expect(one.backfill.status()).toEqual({ backfills: [], backfills_total: 0 });
  });
});

test("a long history keeps neither another venue, nor another gap of its venue, nor another contract from being read", async () => {
  await inStorage("fair", async (storage) => {
    const ownTables = new VenueStorage(storage, "bitget_");
    migrateStorage(ownTables, FEED_SCHEMA);
    const long = backfilling(ownTables.sql, endless(bitget), "http://long.test", () => new Promise(() => undefined));
    const short = backfilling(new VenueStorage(storage).sql, okx, "http://short.test", () =>
      Promise.resolve({ code: "0", msg: "", data: [] }),
    );
    long.backfill.plan(long.now - HOUR_MS, long.now);
    short.backfill.plan(short.now - HOUR_MS, short.now);
    void long.run();
    await short.run();
    expect(short.log.at(-1)).toMatchObject({ event: "backfill_done" });
  });
  await inStorage("fair-gaps", async (storage) => {
    const one = backfilling(new VenueStorage(storage).sql, endless(okx), "http://venue.test", anything);
    const gaps = [one.now - 3 * HOUR_MS, one.now - 2 * HOUR_MS];
    for (const to of gaps) one.backfill.plan(to - HOUR_MS, to);
    for (let run = 0; run < 4; run += 1) {
      one.now += 1;
      await one.run();
    }
    expect(one.log.map(({ to_time }) => to_time)).toEqual([...gaps, ...gaps]);
    const contracts = one.requested.slice(0, MAX_PAGES).map((url) => new URL(url).searchParams.get("uly"));
    expect(new Set(contracts.slice(0, new Set(contracts).size))).toEqual(new Set(contracts));
    expect(new Set(contracts).size).toBeGreaterThan(1);
  });
});

async function open(venues: VenueControl, object: string): Promise<TestFeed> {
  const feed = await openFeed({ exchange: "okx", variables: venues.variables, object, historyIntervalMs: 0 });
  await until("live", async () => (await feed.status()).state === "live");
  return feed;
}

test("a feed killed in the middle of a long history has each liquidation of the gap once when it is read to its end", async () => {
  const venues = await ownVenues({ okx: { historyPage: PAGE_ROWS, lateShare: 0, repeatShare: 0, replayed: 0 } });
  const first = await open(venues, "killed-feed");
  await venues.refuse("okx", 503);
  await venues.drop("okx");
  await until("a gap", async () => (await first.status()).open_gap !== null);
  await liquidate(venues);
  await venues.refuse("okx", null);
  await until("live again", async () => (await first.status()).state === "live", 60_000);
  await first.beat();
  await until("one run", async () => (await first.status()).backfills.some(({ pages_read }) => pages_read === MAX_PAGES));
  const before = await first.status();
  expect(before.events_total).toBeGreaterThan(0);
  expect(before.events_total).toBeLessThan(LIQUIDATIONS);
  await abortAllDurableObjects();

  const again = await open(venues, "killed-feed");
  expect((await again.status()).backfills.some(({ pages_read }) => pages_read === MAX_PAGES)).toBe(true);
  await until("read to its end", async () => {
    await again.beat();
    return (await again.status()).backfills.every(({ purpose }) => purpose === "second_look");
  });
  await until("stored", async () => {
    await again.beat(10_000);
    const { unsealed_rows, sinks } = await again.status();
    return unsealed_rows === 0 && sinks.r2.backlog_rows === 0;
  });
  expect((await again.status()).events_total).toBe(LIQUIDATIONS);
  const { objects } = await env.BUCKET.list({ prefix: "liquidations/v1/", include: ["customMetadata"] });
  const inR2 = objects
    .filter(({ key }) => key.includes("venue=okx/"))
    .reduce((sum, { customMetadata }) => sum + Number(customMetadata?.rows), 0);
  expect(inR2).toBe(LIQUIDATIONS);
});
