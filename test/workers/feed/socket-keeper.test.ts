import { describe, expect, test } from "vitest";
import { SocketKeeper } from "../../../durable-objects/exchange-feed/sockets/socket-keeper.ts";
import { bybit } from "../../../src/exchanges/bybit/bybit.ts";
import type { SocketPlan } from "../../../src/exchanges/exchange.ts";
import { MarketContext } from "../../../src/market/market-context.ts";

const START = 1_795_000_000_000;
const SCOPE = { symbols: new Set(["BTC"]), instruments: new Map(bybit.fallbackInstruments.map((one) => [one.instrument, one])) };
const LAG_MS = 500;

/** A keeper of Bybit's socket whose venue, clock and upgrades a test plays itself. */
function keeper(options: { readonly refusal?: Response } = {}) {
  const servers: WebSocket[] = [];
  const calls: unknown[][] = [];
  const attempts: number[] = [];
  const clock = { now: START };
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const plan: SocketPlan = bybit.sockets(SCOPE, { ws: "http://venue.test", rest: "http://venue.test" })[0] ?? expect.unreachable();
  const fetchSocket = (): Promise<Response> => {
    attempts.push(clock.now);
    if (options.refusal !== undefined) return Promise.resolve(options.refusal.clone());
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    server.accept();
    servers.push(server);
    return Promise.resolve(new Response(null, { status: 101, webSocket: client }));
  };
  const liquidations = { messages: (messages: readonly { kind: string }[]) => messages.forEach(({ kind }) => note("reading")(kind)) };
  const events = { ...liquidations, covered: note("heard"), lost: note("lost"), missed: note("missed"), refused: note("refused") };
  const one = new SocketKeeper(plan, events, {
    fetch: fetchSocket as unknown as typeof fetch,
    request: () => Promise.reject(new Error("no REST here")),
    now: () => clock.now,
    random: () => 0.5,
    lagMs: LAG_MS,
    inForceTime: () => START,
    log: () => {},
    createSession: () => ({ decoder: bybit.createDecoder(SCOPE), context: new MarketContext(undefined, SCOPE.instruments) }),
  });
  const at = async (ms: number) => {
    clock.now = START + ms;
    one.tick(clock.now);
    await settle();
  };
  return { one, servers, calls, attempts, at };
}

const CONFIRMED = JSON.stringify({ success: true, ret_msg: "", conn_id: "c", req_id: "topics-1", op: "subscribe" });
const mark = (ms: number) =>
  JSON.stringify({ topic: "tickers.BTCUSDT", type: "snapshot", ts: START + ms, data: { symbol: "BTCUSDT", markPrice: "80000" } });
const liquidation = (ms: number) =>
  JSON.stringify({
    topic: "allLiquidation.BTCUSDT",
    type: "snapshot",
    ts: START + ms,
    data: [{ T: START + ms, s: "BTCUSDT", S: "Buy", v: "1", p: "79000" }],
  });

/** Lets frames and upgrades arrive. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

const refuse = (status: number, headers: Record<string, string> = {}) => ({ refusal: new Response("Access denied", { status, headers }) });

describe("a socket", () => {
  test("that was read late is lost from the venue's time of its last message on, not from when that was read", async () => {
    const { servers, calls, at } = keeper();
    await at(0);
    servers[0]?.send(CONFIRMED);
    servers[0]?.send(mark(0));
    await settle();
    await at(9_000);
    servers[0]?.send(mark(2_000));
    await settle();
    servers[0]?.close(1001, "too slow");
    await settle();
    expect(calls.find(([name]) => name === "lost")).toEqual(["lost", START + 2_000 - LAG_MS, "disconnected"]);
  });

  test("that a successor replaces is read up to what the successor delivers, then closed, without a gap", async () => {
    const { one, servers, calls, at } = keeper();
    await at(0);
    servers[0]?.send(CONFIRMED);
    servers[0]?.send(mark(0));
    await settle();
    await at(8_000);
    one.rollOver();
    await settle();
    servers[1]?.send(CONFIRMED);
    servers[1]?.send(mark(8_000));
    await settle();
    await at(8_600);
    servers[1]?.send(mark(8_500));
    servers[0]?.send(liquidation(5_000));
    servers[0]?.send(mark(7_000));
    await at(9_000);
    expect(calls).toContainEqual(["reading", "liquidation"]);
    expect(servers[0]?.readyState).toBe(WebSocket.OPEN);
    servers[0]?.send(mark(8_500));
    await settle();
    await at(9_500);
    expect(servers[0]?.readyState).not.toBe(WebSocket.OPEN);
    expect(calls.filter(([name]) => name === "lost" || name === "missed")).toEqual([]);
  });

  test("whose successor is always a little ahead is closed once it was read up to where that began", async () => {
    const { one, servers, at } = keeper();
    await at(0);
    servers[0]?.send(CONFIRMED);
    servers[0]?.send(mark(0));
    await settle();
    await at(8_000);
    one.rollOver();
    await settle();
    servers[1]?.send(CONFIRMED);
    servers[1]?.send(mark(8_000));
    await settle();
    await at(8_400);
    servers[1]?.send(mark(8_200));
    await settle();
    await at(8_500);
    servers[0]?.send(mark(8_200));
    servers[1]?.send(mark(8_450));
    await settle();
    await at(9_500);
    expect(servers[0]?.readyState).not.toBe(WebSocket.OPEN);
  });

  test("that has not delivered yet is replaced at once, and a new plan keeps no old connection open", async () => {
    const { one, servers, at } = keeper();
    await at(0);
    one.replan({ ...one.plan });
    await settle();
    expect(servers.map(({ readyState }) => readyState === WebSocket.OPEN)).toEqual([false, true]);
  });

  test("that ends before it was read to the end leaves a gap up to its successor", async () => {
    const { one, servers, calls, at } = keeper();
    await at(0);
    servers[0]?.send(CONFIRMED);
    servers[0]?.send(mark(0));
    await settle();
    await at(3_000);
    servers[0]?.send(mark(3_000));
    await settle();
    await at(10_000);
    one.rollOver();
    await settle();
    servers[1]?.send(CONFIRMED);
    servers[1]?.send(mark(10_000));
    await settle();
    servers[0]?.close(1001, "too slow");
    await settle();
    expect(calls.at(-1)).toEqual(["missed", START + 3_000 - LAG_MS, START + 10_000]);
    expect(one.state).toBe("live");
  });
});

describe("a clock that goes back by an hour", () => {
  const HOUR_MS = 3_600_000;

  test("does not hide the silence of a socket", async () => {
    const { one, servers, calls, at } = keeper();
    await at(HOUR_MS);
    servers[0]?.send(CONFIRMED);
    servers[0]?.send(mark(HOUR_MS));
    await settle();
    expect(one.state).toBe("live");
    await at(1_000);
    await at(12_000);
    expect(one.state).toBe("stale");
    expect(calls.find(([name]) => name === "lost")).toEqual(["lost", START + 1_000 - LAG_MS, "silent"]);
  });

  test("does not put off the next attempt by an hour", async () => {
    const { servers, at } = keeper();
    await at(HOUR_MS);
    servers[0]?.close(1001, "bye");
    await settle();
    await at(1_000);
    await at(3_000);
    expect(servers).toHaveLength(2);
  });
});

describe("a venue that refuses the upgrade", () => {
  test.each([429, 418, 403])("with HTTP %i and Retry-After is asked again only after that time", async (status) => {
    const { attempts, calls, at } = keeper(refuse(status, { "retry-after": "600" }));
    await at(0);
    for (let second = 60; second <= 660; second += 60) await at(second * 1_000);
    expect(attempts).toEqual([START, START + 660_000]);
    expect(calls).toContainEqual(["refused", `refused with HTTP ${status}`, "retry-after: 600\nAccess denied"]);
  });

  test("with HTTP 429 and no Retry-After is asked more and more rarely", async () => {
    const { attempts, at } = keeper(refuse(429));
    for (let second = 0; second <= 1_000; second += 5) await at(second * 1_000);
    const waits = attempts.slice(1).map((time, index) => time - (attempts[index] ?? 0));
    expect(waits.length).toBeLessThanOrEqual(5);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  test("for a challenge, not a country, says so", async () => {
    const { one, at } = keeper(refuse(403, { "cf-mitigated": "challenge", "cf-ray": "8f1-FRA" }));
    await at(0);
    expect(one.status()).toMatchObject({ state: "blocked", last_error: "refused with HTTP 403, a challenge for browsers" });
  });

  test("for days is asked again within about an hour", async () => {
    const { attempts, at } = keeper(refuse(418, { "retry-after": "259200" }));
    await at(0);
    await at(3_590_000);
    await at(3_602_000);
    expect(attempts).toEqual([START, START + 3_602_000]);
  });
});
