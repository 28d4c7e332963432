import type { FeedMessage } from "../../exchange.ts";

export type Trade = Extract<FeedMessage, { kind: "trade" }>;

/** The fills of one taker order so far. */
export interface Sweep {
  readonly takerOrderId: string;
  readonly side: Trade["side"];
  /** In base units. */
  quantity: number;
  /** Sum of quantity × price, in quote. */
  notional: number;
  readonly prices: Set<number>;
  readonly tradeIds: Set<string>;
  /** Time of the last fill by the venue's clock, ms. */
  lastTime: number;
  readonly firstReceived: number;
  lastReceived: number;
  /** `waiting`: the deciding open interest has not arrived yet. */
  verdict: "waiting" | "forced" | "ordinary";
}

export function beginSweep(trade: Trade, receivedTime: number): Sweep {
  const sweep: Sweep = {
    takerOrderId: trade.takerOrderId,
    side: trade.side,
    quantity: 0,
    notional: 0,
    prices: new Set(),
    tradeIds: new Set(),
    lastTime: trade.time,
    firstReceived: receivedTime,
    lastReceived: receivedTime,
    verdict: "waiting",
  };
  addFill(sweep, trade, receivedTime);
  return sweep;
}

/** Two overlapping sessions deliver the same trade twice; it counts once. */
export function addFill(sweep: Sweep, trade: Trade, receivedTime: number): void {
  if (trade.side !== sweep.side || sweep.tradeIds.has(trade.tradeId)) return;
  sweep.tradeIds.add(trade.tradeId);
  sweep.quantity += trade.quantity;
  sweep.notional += trade.quantity * trade.price;
  sweep.prices.add(trade.price);
  sweep.lastTime = Math.max(sweep.lastTime, trade.time);
  sweep.lastReceived = receivedTime;
}
