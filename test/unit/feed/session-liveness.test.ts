import { expect, test } from "vitest";
import { LIST_TIMEOUT_MS, SessionLiveness } from "../../../durable-objects/exchange-feed/sockets/session-liveness.ts";
import type { Exchange, FeedMessage, SocketPlan } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";

const T0 = 1_795_000_020_000;

function planOf(name: ExchangeName): SocketPlan {
  const exchange: Exchange = exchanges[name];
  const scope = { symbols: new Set(["BTC"]), instruments: new Map(exchange.fallbackInstruments.map((one) => [one.instrument, one])) };
  const plan = exchange.sockets(scope, exchange.endpoints).find(({ confirmations }) => confirmations.size > 0);
  if (plan === undefined) throw new Error(`${name} has no socket with liquidations`);
  return plan;
}

/** A session that the venue confirmed all subscriptions of. */
function opened(name: ExchangeName = "okx"): SessionLiveness {
  const plan = planOf(name);
  const liveness = new SessionLiveness(plan, T0);
  liveness.confirm(plan.confirmations, T0);
  return liveness;
}

function mark(time: number): FeedMessage {
  return { kind: "mark", instrument: "BTC-USDT-SWAP", price: 80_000, time };
}

test("messages read late cover the time up to when they were sent", () => {
  const liveness = opened();
  liveness.note(mark(T0 + 1_000), T0 + 1_050);
  liveness.note(mark(T0 + 2_000), T0 + 9_000);
  expect(liveness.coveredTime).toBe(T0 + 2_000);
});

test("messages of a venue whose clock is ahead do not cover the time at which they are read late", () => {
  const liveness = opened();
  liveness.note(mark(T0 + 46_000), T0 + 1_000);
  expect(liveness.coveredTime).toBe(T0 + 1_000);
  liveness.note(mark(T0 + 47_000), T0 + 9_000);
  expect(liveness.coveredTime).toBe(T0 + 2_000);
});

test("a clock that was ahead and is right again counts as right after two minutes", () => {
  const liveness = opened();
  liveness.note(mark(T0 + 45_000), T0);
  for (let second = 1; second <= 180; second += 1) liveness.note(mark(T0 + second * 1_000), T0 + second * 1_000);
  expect(liveness.coveredTime).toBe(T0 + 180_000);
});

test("a venue that is asked for its subscriptions has proved them up to the last list", () => {
  const { confirmations } = planOf("binance");
  const liveness = opened("binance");
  expect(liveness.list(confirmations, T0 + 5_000)).toBeNull();
  liveness.note(mark(T0 + 9_000), T0 + 9_000);
  expect(liveness).toMatchObject({ coveredTime: T0 + 9_000, provenTime: T0 + 5_000 });
  expect(liveness.list(new Set(), T0 + 10_000)).toMatch(/withdrawn by the venue$/);
  expect(liveness.provenTime).toBe(T0 + 5_000);
});

test("a venue that stops listing its subscriptions is silent after a minute, however many prices it sends", () => {
  const { confirmations } = planOf("binance");
  const silenceAfter = (liveness: SessionLiveness, ms: number) => {
    liveness.note(mark(T0 + ms), T0 + ms);
    return liveness.silence(T0 + ms);
  };
  const liveness = opened("binance");
  liveness.list(confirmations, T0);
  expect(silenceAfter(liveness, LIST_TIMEOUT_MS - 1)).toBeNull();
  expect(silenceAfter(liveness, LIST_TIMEOUT_MS)).toBe("open, but no list of its subscriptions for 60 s");
  expect(liveness.provenTime, "its gap is that long, whenever it ends").toBe(T0);
  liveness.list(confirmations, T0 + LIST_TIMEOUT_MS);
  expect(silenceAfter(liveness, 2 * LIST_TIMEOUT_MS - 1)).toBeNull();
});

test("a session whose venue never listed its subscriptions is not silent for want of a list", () => {
  for (const name of ["binance", "okx"] as const) {
    const liveness = opened(name);
    liveness.note(mark(T0 + 2 * LIST_TIMEOUT_MS), T0 + 2 * LIST_TIMEOUT_MS);
    expect(liveness.silence(T0 + 2 * LIST_TIMEOUT_MS), name).toBeNull();
  }
});

test("a channel with heartbeats is proved up to the last one, and one without a proof up to what was read", () => {
  const liveness = opened("lighter");
  const { heartbeatTopic = "" } = planOf("lighter");
  liveness.note({ kind: "heartbeat", topic: heartbeatTopic, time: T0 + 3_000 }, T0 + 3_000);
  liveness.note(mark(T0 + 9_000), T0 + 9_000);
  expect(liveness.provenTime).toBe(T0 + 3_000);
  const unproved = opened("okx");
  unproved.note(mark(T0 + 9_000), T0 + 9_000);
  expect(unproved.provenTime).toBe(T0 + 9_000);
});
