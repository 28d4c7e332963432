import { describe, expect, test } from "vitest";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { openFeed } from "./open-feed.ts";
import { until } from "../until.ts";
import { ownVenues } from "./venue-control.ts";

const LIQUIDATING = ["binance", "bybit", "okx", "bitfinex"] as const satisfies readonly ExchangeName[];
const CONFIRM_TIMEOUT_MS = 15_000;
/** No venue is silent for that long here, so that only the confirmation can be what is missed. */
const patient = { replan: <Plan>(plan: Plan) => ({ ...plan, controlTimeoutMs: 600_000 }) };

describe("a feed whose venue serves everything but liquidations", () => {
  test.each(LIQUIDATING)("%s, which ignores the subscription, is not live and reconnects with the reason", async (exchange) => {
    const venues = await ownVenues();
    await venues.serve(exchange, "ignored");
    const feed = await openFeed({ exchange, variables: venues.variables, ...patient });
    await until("frames", async () => (await feed.status()).sockets.some(({ last_control_time }) => last_control_time !== null));
    expect((await feed.status()).state).toBe("connecting");
    await venues.serve(exchange, "served");
    await feed.beat(CONFIRM_TIMEOUT_MS);
    const status = await feed.status();
    expect(status).toMatchObject({ state: "stale", open_gap: { reason: "silent", to_time: null } });
    expect(status.sockets[0]?.last_error).toMatch(/^open, but .+ not confirmed within 15 s$/);
    // The wait before the next attempt counts from the beat that noticed it.
    await feed.beat(CONFIRM_TIMEOUT_MS + 2_000);
    await until("live", async () => (await feed.status()).state === "live");
    expect((await feed.status()).open_gap).toBeNull();
  });

  test.each(["bybit", "okx", "bitfinex"] as const)("%s, which refuses it, is never live, whatever its words", async (exchange) => {
    const venues = await ownVenues();
    await venues.serve(exchange, "refused");
    const feed = await openFeed({ exchange, variables: venues.variables });
    await until("a refusal", async () => (await feed.status()).sockets[0]?.last_error !== null);
    const status = await feed.status();
    expect(status.state).toBe("connecting");
    expect(status.sockets[0]?.last_error).toMatch(/^liquidations rejected: /);
    expect(status.open_gap).toMatchObject({ to_time: null });
  });
});

describe("a feed whose venue withdraws its liquidations", () => {
  test.each(["bybit", "okx", "bitfinex"] as const)("%s, which says so, records a gap and subscribes again", async (exchange) => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange, variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.withdraw(exchange);
    await until("a gap", async () => (await feed.status()).gaps_total === 1);
    expect((await feed.status()).sockets[0]?.last_error).toMatch(/unsubscribed by the venue/);
    await until("live again", async () => (await feed.status()).state === "live");
    await venues.liquidate(exchange, { symbol: "BTC", side: "long", usd: 50_000 });
    await until("the next event", async () => (await feed.status()).events_total === 1);
  });

  test("binance, which does not say so, is asked for its subscriptions and reconnects", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "binance", variables: venues.variables, ...patient });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.withdraw("binance");
    await feed.beat(30_000);
    await until("a gap", async () => (await feed.status()).gaps_total === 1);
    expect((await feed.status()).sockets[0]?.last_error).toMatch(/@forceOrder.* withdrawn by the venue$/);
    await until("live again", async () => (await feed.status()).state === "live");
  });

  test("bitfinex, which does not say so, is stale without the heartbeat of the channel, although marks go on", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "bitfinex", variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.withdraw("bitfinex", true);
    await until("stale", async () => (await feed.status()).state === "stale", 45_000);
    expect((await feed.status()).sockets[0]?.last_error).toMatch(/^open, but no heartbeat of liq:global for/);
    await until("live again", async () => (await feed.status()).state === "live");
    expect(await feed.status()).toMatchObject({ gaps_total: 1, open_gap: null });
  });
});
