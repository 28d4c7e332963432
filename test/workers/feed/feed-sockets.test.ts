import { expect, test } from "vitest";
import { FeedSockets } from "../../../durable-objects/exchange-feed/sockets/feed-sockets.ts";
import { parseConfig } from "../../../src/config.ts";
import { bybit } from "../../../src/exchanges/bybit/bybit.ts";
import type { Endpoints, Exchange, Scope } from "../../../src/exchanges/exchange.ts";

const START = 1_795_000_000_000;
const ENDPOINTS: Endpoints = { ws: "http://venue.test", rest: "http://venue.test" };

function scopeOf(...names: readonly string[]): Scope {
  const table = new Map(bybit.fallbackInstruments.map((one) => [one.instrument, one]));
  return { symbols: "*", instruments: new Map(names.map((name) => [name, table.get(name) ?? expect.unreachable()])) };
}

/** The sockets of a venue that puts at most so many contracts on one; the test plays the venue. */
function sockets(contractsPerSocket: number) {
  const servers: WebSocket[] = [];
  const calls: unknown[][] = [];
  const clock = { now: START };
  let uncovered: ReadonlyMap<string, number> = new Map();
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const exchange: Exchange = {
    ...bybit,
    sockets(scope) {
      const names = [...scope.instruments.keys()];
      const runs = Math.ceil(names.length / contractsPerSocket);
      return Array.from({ length: runs }, (_, run) => {
        const part = scopeOf(...names.slice(run * contractsPerSocket, (run + 1) * contractsPerSocket));
        return bybit.sockets(part, ENDPOINTS).map((plan) => ({ ...plan, name: `linear-${run + 1}` }));
      }).flat();
    },
  };
  const fetchSocket = (): Promise<Response> => {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    server.accept();
    servers.push(server);
    return Promise.resolve(new Response(null, { status: 101, webSocket: client }));
  };
  const all = new FeedSockets({
    exchange,
    config: parseConfig({}),
    endpoints: ENDPOINTS,
    fetch: fetchSocket as unknown as typeof fetch,
    request: () => Promise.reject(new Error("no REST here")),
    now: () => clock.now,
    random: () => 0.5,
    log: () => {},
    messages: (messages) => messages.filter(({ kind }) => kind === "liquidation").forEach(() => calls.push(["liquidation"])),
    covered: note("covered"),
    lost: note("lost"),
    refused: note("refused"),
    missed: note("missed"),
    uncovered: (contracts) => void (uncovered = contracts),
  });
  const at = async (ms: number) => {
    clock.now = START + ms;
    all.tick(clock.now);
    await settle();
  };
  const deliver = async (index: number, ms: number, confirmed = false) => {
    if (confirmed) servers[index]?.send(CONFIRMED);
    if (isOpen(servers[index])) servers[index]?.send(mark(ms));
    await settle();
  };
  return { all, servers, calls, at, deliver, uncovered: () => [...uncovered] };
}

/** Lets frames and upgrades arrive. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

const CONFIRMED = JSON.stringify({ success: true, ret_msg: "", conn_id: "c", req_id: "topics-1", op: "subscribe" });
const mark = (ms: number) =>
  JSON.stringify({ topic: "tickers.BTCUSDT", type: "snapshot", ts: START + ms, data: { symbol: "BTCUSDT", markPrice: "80000" } });
const liquidation = (name: string, ms: number) =>
  JSON.stringify({
    topic: `allLiquidation.${name}`,
    type: "snapshot",
    ts: START + ms,
    data: [{ T: START + ms, s: name, S: "Buy", v: "1", p: "79000" }],
  });
const isOpen = (socket: WebSocket | undefined) => socket?.readyState === WebSocket.OPEN;

test("a superfluous socket is read until another one delivers its topics, so that nothing is lost in between", async () => {
  const { all, servers, calls, at, deliver } = sockets(2);
  all.start(scopeOf("BTCUSDT", "ETHUSDT", "SOLUSDT"));
  await settle();
  await deliver(0, 0, true);
  await deliver(1, 0, true);
  await at(5_000);
  // Ethereum is gone, so Solana moves to the first socket and the second one is superfluous.
  all.rescope(scopeOf("BTCUSDT", "SOLUSDT"));
  await settle();
  await at(6_000);
  servers[1]?.send(liquidation("SOLUSDT", 6_000));
  await settle();
  expect(calls.filter(([name]) => name === "liquidation")).toHaveLength(1);
  await deliver(2, 6_000, true);
  await at(7_000);
  expect([isOpen(servers[0]), isOpen(servers[1])]).toEqual([true, true]);
  await at(7_200);
  for (const index of [0, 1, 2]) await deliver(index, 7_200);
  await at(8_000);
  for (const index of [1, 2]) await deliver(index, 8_000);
  await at(9_000);
  expect([isOpen(servers[0]), isOpen(servers[1]), isOpen(servers[2])]).toEqual([false, false, true]);
  expect(calls.filter(([name]) => name === "lost" || name === "missed")).toEqual([]);
  expect(all.state().state).toBe("live");
});

test("a socket whose topics move to another one is read until that one delivers them", async () => {
  const { all, servers, at, deliver } = sockets(2);
  all.start(scopeOf("BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCPERP"));
  await settle();
  await deliver(0, 0, true);
  await deliver(1, 0, true);
  await at(5_000);
  all.rescope(scopeOf("BTCUSDT", "SOLUSDT", "BTCPERP"));
  await settle();
  // The successor of the second socket, without Solana, is ready before that of the first, with it.
  await deliver(3, 5_000, true);
  await at(5_600);
  await deliver(3, 5_500);
  await deliver(1, 5_500);
  await at(6_000);
  expect(isOpen(servers[1])).toBe(true);
  await deliver(2, 6_000, true);
  await at(7_000);
  for (const index of [0, 1, 2, 3]) await deliver(index, 7_000);
  await at(8_000);
  expect([0, 1, 2, 3].map((index) => isOpen(servers[index]))).toEqual([false, false, true, true]);
});

test("a new contract is not covered from the table that lists it until a session delivers it", async () => {
  const { all, at, deliver, uncovered } = sockets(2);
  all.start(scopeOf("BTCUSDT"));
  await settle();
  await deliver(0, 0, true);
  await at(5_000);
  expect(uncovered()).toEqual([]);
  all.rescope(scopeOf("BTCUSDT", "ETHUSDT"));
  await settle();
  await deliver(0, 5_000);
  await at(12_000);
  expect(all.state().state, "the others are covered all the time").toBe("live");
  expect(uncovered()).toEqual([["ETHUSDT", START + 5_000]]);
  await deliver(1, 12_000, true);
  await at(13_000);
  expect(uncovered()).toEqual([]);
});
