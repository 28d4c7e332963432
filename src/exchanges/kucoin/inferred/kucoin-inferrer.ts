import type { Inferrer, Instrument } from "../../exchange.ts";
import { InstrumentFlow } from "./instrument-flow.ts";
import { sweepLiquidation } from "./sweep-liquidation.ts";
import { THRESHOLDS, type Thresholds } from "./thresholds.ts";

/**
 * Infers liquidations from what one looks like from outside: a taker order that sweeps several price levels while the
 * open interest falls by about as much. A large voluntary close looks the same, and a liquidation absorbed by makers
 * who open positions is invisible, so this is an estimate. Each event arrives a second or two after its trades, with
 * the open interest that confirms it.
 * @param instrumentOf the table by the venue's own name; unknown instruments and inverse contracts are ignored
 */
export function createKucoinInferrer(
  instrumentOf: (name: string) => Instrument | undefined,
  thresholds: Thresholds = THRESHOLDS,
): Inferrer {
  const flows = new Map<string, InstrumentFlow>();
  const flowOf = (name: string): InstrumentFlow => {
    const flow = flows.get(name) ?? new InstrumentFlow(thresholds);
    flows.set(name, flow);
    return flow;
  };
  return {
    observe(message, receivedTime) {
      if (message.kind !== "trade" && message.kind !== "open_interest") return [];
      const instrument = instrumentOf(message.instrument);
      // The coins of an inverse contract are its lots at the mark price: they change with every change of the price.
      if (instrument === undefined || instrument.contract.kind === "inverse") return [];
      const flow = flowOf(instrument.instrument);
      if (message.kind === "open_interest") {
        const forced = message.quantity >= 0 ? flow.openInterest(message.quantity, receivedTime) : [];
        return forced.map((sweep) => sweepLiquidation(sweep, instrument));
      }
      if (isPositive(message.price) && isPositive(message.quantity)) flow.trade(message, receivedTime);
      return [];
    },
  };
}

function isPositive(value: number): boolean {
  return value > 0 && value < Infinity;
}
