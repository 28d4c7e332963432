import { expect, test } from "vitest";
import { SessionLiveness } from "../../../durable-objects/exchange-feed/sockets/session-liveness.ts";
import { okx } from "../../../src/exchanges/okx/okx.ts";
import type { FeedMessage, SocketPlan } from "../../../src/exchanges/exchange.ts";

const T0 = 1_795_000_020_000;

function opened(): SessionLiveness {
  const scope = { symbols: new Set(["BTC"]), instruments: new Map(okx.fallbackInstruments.map((one) => [one.instrument, one])) };
  const [plan] = okx.sockets(scope, okx.endpoints) as readonly SocketPlan[];
  if (plan === undefined) throw new Error("OKX has no socket");
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
