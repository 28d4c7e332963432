import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { Liquidation } from "../../../src/liquidation.ts";
import { until } from "../until.ts";
import { openFeed, type TestFeed } from "./open-feed.ts";
import { ownVenues } from "./venue-control.ts";
import { emptyStorage } from "../empty-storage.ts";

afterEach(emptyStorage);

const ORDER = { symbol: "BTC", side: "long", usd: 50_000 } as const;

async function live(feed: TestFeed): Promise<void> {
  await until("live", async () => (await feed.status()).state === "live");
}

/** The first liquidation that the feed stored. */
async function stored(feed: TestFeed): Promise<Liquidation> {
  await until("a row", async () => {
    await feed.inside((one) => one.flush());
    return (await rows()).length > 0;
  });
  const [row] = await rows();
  return row ?? expect.unreachable();
}

async function rows(): Promise<readonly Liquidation[]> {
  return (await env.DB.prepare("SELECT * FROM liquidations").all<Liquidation>()).results;
}

test("a liquidation of Binance has the open interest and the depth that were polled", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "binance", variables: { ...venues.variables, LIQUIDATION_SYMBOLS: "BTC" } });
  await live(feed);
  await until("all polled", async () => {
    const { polls } = await feed.status();
    return polls.length === 4 && polls.every(({ last_success_time: time }) => time !== null);
  });
  await venues.liquidate("binance", ORDER);
  const row = await stored(feed);
  expect(row.open_interest_usd).toBeGreaterThan(1e9);
  expect(row.depth_reach_bps).toBeGreaterThan(25);
  expect(row.bid_depth_usd).toBeGreaterThan(1e5);
  expect(row.imbalance_ratio).not.toBeNull();
  const { warnings, polls } = await feed.status();
  expect(warnings).toEqual([]);
  expect(polls.map(({ what, failing_requests: failing }) => [what, failing])).toEqual([
    ["open_interest", 0],
    ["book", 0],
    ["turnover", 0],
    ["funding_interval", 0],
  ]);
});

test("a venue that refuses every poll costs the values polled, and nothing else", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "binance", variables: { ...venues.variables, LIQUIDATION_SYMBOLS: "BTC" } });
  await live(feed);
  await venues.refuse("binance", 503);
  await until("a failure", async () => (await feed.status()).polls.some(({ failing_requests: count }) => count > 0));
  await venues.liquidate("binance", ORDER);
  const row = await stored(feed);
  expect(row.mark_price).not.toBeNull();
  const status = await feed.status();
  expect(status.state).toBe("live");
  expect(status.polls.find(({ failing_requests: count }) => count > 0)?.last_error).toContain("503");
});

test("a break in a book's sequence subscribes to that book again, on the same connection", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "bybit", variables: { ...venues.variables, LIQUIDATION_SYMBOLS: "BTC" } });
  await live(feed);
  const connections = await venues.connectCount("bybit");
  const data = { s: "BTCUSDT", b: [["1", "1"]], a: [], u: Number.MAX_SAFE_INTEGER, seq: 1 };
  await venues.send("bybit", JSON.stringify({ topic: "orderbook.1000.BTCUSDT", type: "delta", ts: 0, data }));
  const renewals = async () => {
    const received = (await venues.received("bybit")).map(({ text }) => JSON.parse(text) as { op: string; req_id: string; args: unknown });
    return received.filter(({ req_id: id }) => id.startsWith("renew")).map(({ op, args }) => [op, args]);
  };
  await until("the renewal", async () => {
    await feed.status();
    return (await renewals()).length === 2;
  });
  expect(await renewals()).toEqual([
    ["unsubscribe", ["orderbook.1000.BTCUSDT"]],
    ["subscribe", ["orderbook.1000.BTCUSDT"]],
  ]);
  // The next liquidation has a book again.
  await until("a book", async () => {
    await env.DB.exec("DELETE FROM liquidations");
    await venues.liquidate("bybit", ORDER);
    const { bid_depth_usd: depth, instrument } = await stored(feed);
    return instrument === "BTCUSDT" && depth !== null;
  });
  expect(await venues.connectCount("bybit")).toBe(connections);
  expect((await feed.status()).state).toBe("live");
});
