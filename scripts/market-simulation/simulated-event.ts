import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import type { Effect, MarketModel } from "./market-model.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly days: number;
  readonly effect: Effect;
  readonly model: MarketModel;
  /** A full second, ms. */
  readonly startTime: number;
  /** Publish every liquidation, on every venue. */
  readonly isComplete?: boolean;
}

/** A liquidation of the simulated market, with the market at that moment. */
export interface SimulatedEvent {
  readonly time: number;
  readonly exchange: ExchangeName;
  readonly side: PositionSide;
  readonly usd: number;
  /** The market's mark price, before the venue's basis. */
  readonly mark: number;
  /** √Σr² of the last 300 one-second returns; null before there are 60. */
  readonly volatility5m: number | null;
  /** Depth on the side that the order hits, USD. */
  readonly depthUsd: number;
}
