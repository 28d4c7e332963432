import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { SocketPlan } from "../../../src/exchanges/exchange.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { apiClient } from "../api/api-client.ts";
import { openFeed } from "./open-feed.ts";
import { until } from "../until.ts";
import { ownVenues } from "./venue-control.ts";

const CHECK_INTERVAL_MS = 120_000;
const BLOCKED_WAIT_MS = 60_000;
/** A successor is opened this long before the venue's limit. */
const ROLL_OVER_LEAD_MS = 1_800_000;

/** Rows of liquidations that the simulated OKX sends again to whoever subscribes. */
const OKX_REPEATS = 10;
/** It holds a row back for at most this long, save a few. */
const OKX_DELAY_MS = 400;

function soonTooOld(plan: SocketPlan): SocketPlan {
  return { ...plan, maxAgeMs: ROLL_OVER_LEAD_MS + 1_000 };
}

describe("a feed", () => {
  test.each(EXCHANGES)("of %s is not live after 30 s of silence, although nothing looked at it meanwhile", async (exchange) => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange, variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    expect((await feed.status(30_000)).state).toBe("stale");
  });

  test("that was never connected has a gap of all the time before, also in D1", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 50_000 });
    await until("the event", async () => (await feed.status()).events_total === 1);
    await feed.beat(6_000);
    const gaps = await env.DB.prepare("SELECT from_time, to_time, reason FROM gaps WHERE exchange = 'bybit' AND from_time = 0").all();
    expect(gaps.results).toEqual([{ from_time: 0, to_time: expect.any(Number), reason: "not_started" }]);
    const stored = await env.DB.prepare("SELECT gap_before_ms FROM liquidations WHERE exchange = 'bybit'").all();
    expect(stored.results, "what was before the first hearing is no gap of the first event").toEqual([{ gap_before_ms: 0 }]);
    const now = Date.now();
    const stats = await apiClient(now + 120_000)("/v1/stats?symbol=BTC&window=1h");
    expect(stats.body.data.uptime_share).toBeLessThan(1);
    expect(stats.body.meta.gaps).toContainEqual({
      exchange: "bybit",
      from_time: 0,
      to_time: gaps.results[0]?.to_time,
      reason: "not_started",
    });
  });

  test("is stale, not live, while an acknowledging venue sends no mark price, and live once it does", async () => {
    const venues = await ownVenues();
    await venues.stall("binance", true);
    const feed = await openFeed({ exchange: "binance", variables: venues.variables });
    await until("stale", async () => (await feed.status()).state === "stale", 25_000);
    const stale = await feed.status();
    expect(stale.open_gap).toMatchObject({ exchange: "binance", reason: "silent", to_time: null });
    expect(stale.sockets.find(({ name }) => name === "market")?.last_error).toMatch(/open, but no mark for/);
    await venues.stall("binance", false);
    await until("live", async () => (await feed.status()).state === "live", 25_000);
    expect(await feed.status()).toMatchObject({ open_gap: null, gaps_total: 1 });
  });

  test.each([403, 451])("that a venue refuses with HTTP %i is blocked and does not ask again for a minute", async (status) => {
    const venues = await ownVenues();
    await venues.refuse("bybit", status);
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables });
    await until("blocked", async () => (await feed.status()).state === "blocked");
    const blocked = await feed.status();
    expect(blocked.open_gap).toMatchObject({ reason: "blocked" });
    expect(blocked.sockets[0]?.last_error).toBe(`refused with HTTP ${status}`);
    await feed.beat(BLOCKED_WAIT_MS - 5_000);
    expect((await feed.status()).reconnects).toBe(1);
    await venues.refuse("bybit", null);
    await feed.beat(20 * BLOCKED_WAIT_MS);
    await until("live", async () => (await feed.status()).state === "live");
    expect((await feed.status()).open_gap).toBeNull();
  });

  test("whose socket is cut reconnects, records the gap, and tells its length with the first event after it", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.drop("bybit");
    await until("a gap", async () => (await feed.status()).gaps_total === 1);
    await until("live again", async () => (await feed.status()).open_gap === null);
    await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 50_000 });
    await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 60_000 });
    await until("2 events", async () => (await feed.status()).events_total === 2);
    await feed.beat(6_000);
    const gaps = await feed.inside((_feed, state) =>
      state.storage.sql.exec("SELECT event ->> '$.gap_before_ms' AS gap FROM journal ORDER BY sequence").toArray(),
    );
    expect(Number(gaps[0]?.gap)).toBeGreaterThan(0);
    expect(gaps[1]?.gap).toBe(0);
  });

  test("asks OKX's history for what it missed while its socket was cut", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "okx", variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.refuse("okx", 503);
    await venues.drop("okx");
    await until("lost", async () => (await feed.status()).open_gap !== null);
    // More than the venue repeats to a new subscriber, so that some can only be learned from its history.
    for (let n = 0; n < OKX_REPEATS + 3; n += 1) await venues.liquidate("okx", { symbol: "BTC", side: "short", usd: 70_000 + 10_000 * n });
    const orderedTime = Date.now();
    await until("they are shown", () => Date.now() > orderedTime + 2 * OKX_DELAY_MS);
    await venues.refuse("okx", null);
    await until("live again", async () => {
      await feed.beat();
      return (await feed.status()).open_gap === null;
    });
    await until("every missed event", async () => {
      await feed.beat();
      return (await feed.status()).events_total === OKX_REPEATS + 3;
    });
    const rows = await feed.inside((_feed, state) =>
      state.storage.sql
        .exec<{ source: string; event_time: number; quantity: number }>(
          "SELECT event ->> '$.source' AS source, event ->> '$.event_time' AS event_time, event ->> '$.quantity' AS quantity FROM journal",
        )
        .toArray(),
    );
    const neverSent = (await venues.ledger("okx")).filter((event) => event.sent_time === null);
    expect(neverSent.length).toBeGreaterThan(0);
    for (const { event_time: time, quantity } of neverSent) {
      const found = rows.filter((row) => row.event_time === time && Math.abs(row.quantity - quantity) < 1e-9);
      expect(found.map(({ source }) => source)).toEqual(["backfill"]);
    }
  });

  test("asks OKX's history again and again while its socket is down, and takes nothing twice once it is live", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "okx", variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.serve("okx", "refused");
    await venues.drop("okx");
    await until("lost", async () => (await feed.status()).open_gap !== null);
    for (let n = 0; n < 3; n += 1) await venues.liquidate("okx", { symbol: "BTC", side: "short", usd: 70_000 + 10_000 * n });
    await feed.beat();
    expect((await feed.status()).events_total, "a short gap is not polled for").toBe(0);
    await feed.beat(CHECK_INTERVAL_MS + 1_000);
    await until("events without a connection", async () => (await feed.status()).events_total === 3);
    const gap = (await feed.status()).open_gap;
    expect(gap).not.toBeNull();

    await venues.serve("okx", "served");
    await until("live again", async () => {
      await feed.beat();
      return (await feed.status()).state === "live";
    });
    await until("the repeats of the venue", async () => (await feed.status()).duplicates >= 3);
    await feed.beat(6_000);
    expect((await feed.status()).events_total).toBe(3);
    const stored = env.DB.prepare("SELECT filled_events FROM gaps WHERE exchange = 'okx' AND from_time = ?").bind(gap?.from_time);
    expect(await stored.first("filled_events")).toBe(3);
  });

  test("keeps the text of what it cannot read and goes on", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.send("bybit", '{"topic":"allLiquidation.BTCUSDT","data":[{"T":"soon"}]}');
    await venues.send("bybit", "{not json");
    await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 50_000 });
    await until("the event after them", async () => (await feed.status()).events_total === 1);
    expect((await feed.status()).rejects).toBe(2);
    expect((await feed.inside((one) => one.latestRejects(10))).map(({ text }) => text)).toContain("{not json");
  });

  test("changes its connection before the venue's limit without a gap, and counts nothing twice meanwhile", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables, replan: soonTooOld });
    await until("live", async () => (await feed.status()).state === "live");
    const before = await venues.connectCount("bybit");
    let sent = 0;
    await until("a change", async () => {
      await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 10_000 + sent });
      sent += 1;
      await feed.status();
      return (await venues.connectCount("bybit")) >= before + 1;
    });
    await until("every event", async () => (await feed.status()).events_total === sent);
    expect(await feed.status()).toMatchObject({ state: "live", gaps_total: 0, open_gap: null, events_total: sent });
  });
});

test("an address that the venue has closed is a warning in the feed's status", async () => {
  const closed = { OKX_WS_URL: "http://127.0.0.1:8443", OKX_REST_URL: "http://127.0.0.1:9" };
  const feed = await openFeed({ exchange: "okx", variables: closed });
  expect((await feed.status()).warnings).toEqual([expect.stringContaining("OKX_WS_URL is http://127.0.0.1:8443")]);
  const usual = await openFeed({ exchange: "okx", variables: { ...closed, OKX_WS_URL: "http://127.0.0.1:9" } });
  expect((await usual.status()).warnings).toEqual([]);
});
