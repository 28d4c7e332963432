import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { SocketPlan } from "../../../src/exchanges/exchange.ts";
import type { ContractGap } from "../../../src/gap.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { openFeed } from "./open-feed.ts";
import { until } from "../until.ts";
import { ownVenues } from "./venue-control.ts";

/** No venue is silent for that long here, whatever the clock. */
const PATIENCE = { controlTimeoutMs: 10 * HOUR_MS, heartbeatTimeoutMs: 10 * HOUR_MS, listTimeoutMs: 10 * HOUR_MS };
const patient = { replan: (plan: SocketPlan) => ({ ...plan, ...PATIENCE }) };

const CASES = [
  { exchange: "bybit", contract: "ETHUSDT", topic: "allLiquidation.ETHUSDT", reason: /handler not found/, refusedAfterMs: 0 },
  { exchange: "binance", contract: "ETHUSDT", topic: "ethusdt@forceOrder", reason: /^not confirmed within 15 s$/, refusedAfterMs: 15_000 },
] as const;

test.each(CASES)("$exchange, which lacks one contract, is live without it, with a gap of that contract until it has it", async (one) => {
  const { exchange, contract, topic, reason, refusedAfterMs } = one;
  const venues = await ownVenues();
  await venues.unlist(exchange, [contract]);
  const feed = await openFeed({ exchange, variables: venues.variables, ...patient });
  await until("an answer", async () => (await feed.status()).sockets.every(({ last_control_time }) => last_control_time !== null));
  if (refusedAfterMs > 0) await feed.beat(refusedAfterMs);
  await until("live", async () => (await feed.status()).state === "live");

  const { sockets, open_gap } = await feed.status();
  expect(open_gap).toBeNull();
  const refused = sockets.flatMap(({ refused_topics }) => refused_topics);
  expect(refused.find((each) => each.topic === topic)).toMatchObject({ contract, reason: expect.stringMatching(reason) });
  await venues.liquidate(exchange, { symbol: "BTC", side: "long", usd: 50_000 });
  await until("the event of another contract", async () => (await feed.status()).events_total === 1);
  const connections = await venues.connectCount(exchange);

  const gaps = async () => {
    await feed.beat();
    const select = "SELECT exchange, contract, from_time, to_time FROM contract_gaps WHERE exchange = ?";
    return (await env.DB.prepare(select).bind(exchange).all<ContractGap>()).results;
  };
  expect(await gaps()).toEqual([{ exchange, contract, from_time: expect.any(Number), to_time: null }]);

  await venues.unlist(exchange, []);
  await feed.beat(HOUR_MS + MINUTE_MS);
  await until("the next attempt", async () => {
    // Binance is asked for its list every 30 s.
    await feed.beat(31_000);
    return (await gaps())[0]?.to_time !== null;
  });
  await until("all its topics", async () => (await feed.status()).sockets.every(({ refused_topics }) => refused_topics.length === 0));
  expect(await venues.connectCount(exchange)).toBe(connections);
  await venues.liquidate(exchange, { symbol: "ETH", side: "long", usd: 50_000 });
  await until("its event", async () => (await feed.status()).events_total === 2);
});

test("a contract whose subscription the venue lost is asked for again after a minute, and its gap holds what it missed", async () => {
  const exchange = "lighter";
  const venues = await ownVenues();
  await venues.serve(exchange, "ignored");
  const feed = await openFeed({ exchange, variables: venues.variables, ...patient });
  const asked = async () => (await venues.received(exchange)).flatMap(({ text }) => /trade\/(\d+)/.exec(text)?.[1] ?? []);
  await until("the first request", async () => (await asked()).length > 0);
  await venues.serve(exchange, "served");
  await until("all requests", async () => new Set(await asked()).size === 3);
  await until("prices", async () => (await feed.status()).sockets.every(({ last_control_time }) => last_control_time !== null));
  await feed.beat(15_000);
  await until("live", async () => (await feed.status()).state === "live");
  const { open_gap, sockets } = await feed.status();
  expect(open_gap).toBeNull();
  const lost = sockets.flatMap(({ refused_topics }) => refused_topics).filter(({ topic }) => topic.startsWith("trade/"));
  expect(lost.map(({ reason }) => reason)).toEqual(["not confirmed within 15 s"]);
  const contract = lost[0]?.contract ?? expect.unreachable();
  await venues.liquidate(exchange, { symbol: contract.split(":", 1)[0] ?? "", side: "long", usd: 50_000 });
  const [missed] = await venues.ledger(exchange);
  await feed.beat(15_000 + MINUTE_MS + 1_000);
  await until("its event", async () => (await feed.status()).events_total === 1);
  const gaps = async () => {
    await feed.beat();
    return (await env.DB.prepare("SELECT * FROM contract_gaps WHERE exchange = ?").bind(exchange).all<ContractGap>()).results;
  };
  await until("the end of its gap", async () => (await gaps()).some(({ to_time }) => to_time !== null));
  const [gap] = await gaps();
  expect(gap).toMatchObject({ contract });
  expect(gap?.from_time).toBeLessThanOrEqual(missed?.event_time ?? 0);
});

test.each([
  ["okx", "ETH-USDT-SWAP", 2],
  ["bitfinex", "tETHF0:USTF0", 8],
] as const)("%s, which lacks the market data of one contract, shows it by name and stays live", async (exchange, contract, frames) => {
  const venues = await ownVenues();
  await venues.unlist(exchange, [contract]);
  const feed = await openFeed({ exchange, variables: venues.variables });
  await until("live", async () => (await feed.status()).state === "live");
  await until("every request", async () => (await venues.received(exchange)).length >= frames);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await feed.beat(16_000);
  const { state, sockets } = await feed.status();
  expect(state).toBe("live");
  expect(sockets[0]?.refused_topics).toContainEqual(expect.objectContaining({ contract, reason: "not confirmed within 15 s" }));
  expect(sockets[0]?.refused_topics.every((each) => each.contract === contract)).toBe(true);
});
