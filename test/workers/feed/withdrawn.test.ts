import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { SocketPlan } from "../../../src/exchanges/exchange.ts";
import type { Gap } from "../../../src/gap.ts";
import { until } from "../until.ts";
import { openFeed } from "./open-feed.ts";
import { ownVenues } from "./venue-control.ts";

const TIMEOUT_MS = 2_000;

/** Trades that are missed sooner than in the field, for a test that need not wait; the market data goes on. */
function soonMissed(plan: SocketPlan): SocketPlan {
  expect(plan.heartbeatTopic).toMatch(/trade/);
  return { ...plan, heartbeatTimeoutMs: TIMEOUT_MS };
}

test.each(["lighter", "deribit"] as const)(
  "liquidations that %s withdraws without a word are missed by the trades that come no longer, and the time since is a gap",
  async (exchange) => {
    // Deribit's trades that liquidate both sides would be two.
    const venues = await ownVenues({ deribit: { bothShare: 0 } });
    const feed = await openFeed({ exchange, variables: { ...venues.variables, LIQUIDATION_SYMBOLS: "BTC" }, replan: soonMissed });
    await until("live", async () => (await feed.status()).state === "live");
    const { reconnects } = await feed.status();
    await venues.withdraw(exchange, true);
    const withdrawnTime = Date.now();
    await venues.liquidate(exchange, { symbol: "BTC", side: "long", usd: 50_000 });
    await until("a new session", async () => (await feed.status()).reconnects > reconnects);
    await until("live again", async () => (await feed.status()).state === "live");
    const gaps = async () => {
      await feed.beat();
      return (await env.DB.prepare("SELECT * FROM gaps WHERE exchange = ? AND from_time > 0").bind(exchange).all<Gap>()).results;
    };
    await until("the gap", async () => (await gaps()).length > 0);
    const [gap] = await gaps();
    expect(gap).toMatchObject({ reason: "silent" });
    expect(gap?.from_time).toBeLessThanOrEqual(withdrawnTime);
    expect(gap?.to_time).toBeGreaterThanOrEqual(withdrawnTime + TIMEOUT_MS / 2);
    await venues.liquidate(exchange, { symbol: "BTC", side: "short", usd: 60_000 });
    const shorts = async () =>
      feed.inside((_feed, state) => state.storage.sql.exec("SELECT 1 FROM journal WHERE event ->> '$.position_side' = 'short'").toArray());
    await until("what comes next", async () => (await shorts()).length === 1);
  },
);

test.each(["binance", "bitfinex", "lighter"] as const)(
  "what %s withdraws without a word, and then loses the connection before anybody could notice, lies in the gap",
  async (exchange) => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange, variables: { ...venues.variables, LIQUIDATION_SYMBOLS: "BTC" } });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.withdraw(exchange, true);
    const withdrawnTime = Date.now();
    await venues.liquidate(exchange, { symbol: "BTC", side: "long", usd: 50_000 });
    const readTime = async () => Math.max(...(await feed.status()).sockets.map(({ last_control_time: time }) => time ?? 0));
    await until("market data after that", async () => (await readTime()) > withdrawnTime + 2_500);
    await venues.drop(exchange);
    await until("a gap", async () => (await feed.status()).open_gap !== null || (await feed.status()).gaps_total > 0);
    const [from] = await feed.inside((_feed, state) =>
      state.storage.sql.exec<{ from_time: number }>("SELECT from_time FROM gaps ORDER BY from_time DESC LIMIT 1").toArray(),
    );
    expect(from?.from_time).toBeLessThanOrEqual(withdrawnTime);
  },
);
