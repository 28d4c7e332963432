import { onTestFinished, expect, test } from "vitest";
import { CONFIG_NAMES } from "../../../src/config.ts";
import { startControl } from "../../../scripts/simulator/control.ts";
import { environment } from "../../../scripts/simulator/start-venues.ts";
import type { Stage } from "./stage.ts";
import { openStage } from "./stage.ts";

async function controlOf(stage: Stage): Promise<(path: string, body?: object) => Promise<{ status: number; body: unknown }>> {
  const control = await startControl(stage.venues, 0);
  onTestFinished(() => control.stop());
  return async (path, body) => {
    const answer = await fetch(`${control.url}/control/${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
}

test("a stalled venue answers but sends no data, and what it held back was never sent", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.bybit.urls.ws}/v5/public/linear`);
  await client.ask({ req_id: "s", op: "subscribe", args: ["allLiquidation.BTCUSDT"] }, '"s"');
  stage.venues.bybit.stall(true);
  stage.venues.bybit.liquidate({ symbol: "BTC", side: "long", usd: 1000 });
  stage.advance(1000);
  await client.ask({ req_id: "p", op: "ping" }, "pong");
  expect(client.takeAll()).toEqual([]);
  expect(stage.venues.bybit.sent()).toEqual([]);
  stage.venues.bybit.stall(false);
  stage.venues.bybit.liquidate({ symbol: "BTC", side: "long", usd: 2000 });
  stage.advance(1000);
  await client.next((text) => text.includes("allLiquidation"));
  expect(stage.venues.bybit.sent()).toHaveLength(1);
});

test("a refusing venue shows its status on upgrade and REST until it is asked to stop", async () => {
  const stage = await openStage();
  const { ws, rest } = stage.venues.binance.urls;
  stage.venues.binance.refuse(451);
  await expect(stage.connect(`${ws}/market/ws`)).rejects.toThrow("451");
  expect((await fetch(`${rest}/fapi/v1/exchangeInfo`)).status).toBe(451);
  stage.venues.binance.refuse(null);
  await stage.connect(`${ws}/market/ws`);
  expect(stage.venues.binance.connectCount()).toBe(1);
});

test("dropping ends all sockets, by a close frame where a code is given", async () => {
  const stage = await openStage();
  const open = () => stage.connect(`${stage.venues.binance.urls.ws}/market/ws`);
  const cut = await open();
  stage.venues.binance.dropAll();
  expect((await cut.closed).code).toBe(1006);
  const closed = await open();
  stage.venues.binance.dropAll(1012);
  expect((await closed.closed).code).toBe(1012);
  expect(stage.venues.binance.connectCount()).toBe(2);
});

test("raw frames go to all sockets or to those of a path, as text or binary", async () => {
  const stage = await openStage();
  const market = await stage.connect(`${stage.venues.binance.urls.ws}/market/ws`);
  const book = await stage.connect(`${stage.venues.binance.urls.ws}/public/ws`);
  stage.venues.binance.send('{"e":"broken', "/market");
  stage.venues.binance.send(Buffer.from("both"));
  expect([await market.next(), await market.next()]).toEqual([
    { text: '{"e":"broken', binary: false },
    { text: "both", binary: true },
  ]);
  expect(await book.next()).toEqual({ text: "both", binary: true });
});

test("every venue keeps the frames its clients sent", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.okx.urls.ws}/ws/v5/public`);
  await client.ask("ping", "pong");
  expect(stage.venues.okx.received()).toMatchObject([{ connection: 1, path: "/ws/v5/public", text: "ping" }]);
});

test("the environment names every address variable of the Worker", async () => {
  const stage = await openStage();
  expect(Object.keys(environment(stage.venues)).toSorted()).toEqual(
    [
      ...CONFIG_NAMES.filter((name) => name.endsWith("_REST_URL") || name.endsWith("_WS_URL")),
      "LIQUIDATION_CHANGE_LOGS",
      "LIQUIDATION_PROBES",
    ].toSorted(),
  );
});

test("another process does all of it over HTTP", async () => {
  const stage = await openStage();
  const control = await controlOf(stage);
  const client = await stage.connect(`${stage.venues.bybit.urls.ws}/v5/public/linear`);
  await client.ask({ req_id: "s", op: "subscribe", args: ["allLiquidation.SOLUSDT"] }, '"s"');
  await control("bybit/liquidate", { symbol: "SOL", side: "short", usd: 5000 });
  stage.advance(500);
  expect((await control("bybit/sent")).body).toMatchObject([{ instrument: "SOLUSDT", position_side: "short", times_sent: 1 }]);
  expect((await control("bybit/replay", {})).status).toBe(200);
  expect((await control("bybit/sent")).body).toMatchObject([{ times_sent: 2 }]);
  expect((await control("status")).body).toContainEqual(
    expect.objectContaining({ name: "bybit", connections: 1, connect_count: 1, sent: 1 }),
  );
  expect((await control("environment")).body).toEqual(environment(stage.venues));
  await control("bybit/drop", {});
  expect((await client.closed).code).toBe(1006);
  await control("bybit/refuse", { status: 403 });
  expect((await fetch(`${stage.venues.bybit.urls.rest}/v5/market/instruments-info`)).status).toBe(403);
});

test("a cascade can be ordered over HTTP, and a bad order says what is wrong", async () => {
  const stage = await openStage();
  const control = await controlOf(stage);
  const order = { symbol: "BTC", side: "long", venues: [{ exchange: "binance", delayMs: 0 }], usd: 1e6, durationMs: 10_000, movePct: 1 };
  expect((await control("cascade", order)).body).toMatchObject({ firstExchange: "binance", startTime: stage.now() });
  expect((await control("cascades")).body).toHaveLength(1);
  const bad = await control("cascade", { ...order, side: "sideways" });
  expect([bad.status, JSON.stringify(bad.body)]).toEqual([400, expect.stringContaining("side")]);
  expect((await control("nowhere")).status).toBe(404);
});

test("a venue that hangs answers no upgrade, and ends those that waited when it goes on", async () => {
  const stage = await openStage();
  const { bybit } = stage.venues;
  bybit.hang(true);
  const waiting = stage.connect(`${bybit.urls.ws}/v5/public/linear`);
  const ended = expect(waiting).rejects.toThrow();
  await expect.poll(async () => (await fetch(`${bybit.urls.rest}/v5/market/instruments-info`)).status).toBe(200);
  bybit.hang(false);
  await ended;
  await stage.connect(`${bybit.urls.ws}/v5/public/linear`);
  expect(bybit.connectCount()).toBe(1);
});

test("half-open sockets get nothing and are not closed, and new ones work", async () => {
  const stage = await openStage();
  const { bybit } = stage.venues;
  const subscribe = { req_id: "s", op: "subscribe", args: ["allLiquidation.BTCUSDT"] };
  const lost = await stage.connect(`${bybit.urls.ws}/v5/public/linear`);
  await lost.ask(subscribe, '"s"');
  bybit.halfOpen();
  const fresh = await stage.connect(`${bybit.urls.ws}/v5/public/linear`);
  await fresh.ask(subscribe, '"s"');
  bybit.liquidate({ symbol: "BTC", side: "long", usd: 1000 });
  stage.advance(1000);
  await fresh.next((text) => text.includes("allLiquidation"));
  expect(lost.takeAll()).toEqual([]);
  expect(bybit.connections()).toBe(2);
});

test("a venue with a wrong clock times its liquidations and frames by it, and the ledger says so", async () => {
  const stage = await openStage();
  const { bybit, okx } = stage.venues;
  bybit.skew(45_000);
  for (const venue of [bybit, okx]) venue.liquidate({ symbol: "BTC", side: "long", usd: 1000 });
  const [ahead] = bybit.ledger();
  const [right] = okx.ledger();
  expect((ahead?.event_time ?? 0) - (right?.event_time ?? 0)).toBe(45_000);
});

test("the ledger has when an event was published, also where nobody was subscribed", async () => {
  const stage = await openStage();
  const { bybit } = stage.venues;
  bybit.liquidate({ symbol: "BTC", side: "long", usd: 1000 });
  expect(bybit.ledger()).toMatchObject([{ published_time: null, sent_time: null }]);
  stage.advance(1000);
  expect(bybit.ledger()).toMatchObject([{ published_time: expect.any(Number), sent_time: null, times_sent: 0 }]);
});
