import type { Inferrer, Instrument } from "../../exchange.ts";
import { InstrumentFlow } from "./instrument-flow.ts";
import { sweepLiquidation } from "./sweep-liquidation.ts";
import { THRESHOLDS, type Thresholds } from "./thresholds.ts";

/**
 * Takes for a liquidation what looks like one from outside: a taker order that sweeps several price levels while the
 * open interest falls by about as much. A large voluntary close looks the same, and a liquidation taken over by makers
 * who open does not show, so this is an estimate. Each event comes a second or two after its trades, with the open
 * interest that confirms it.
 * @param instrumentOf the table by the venue's own name; what it does not know, and inverse contracts, are passed over
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
    observe(reading, receivedTime) {
      if (reading.kind !== "trade" && reading.kind !== "open_interest") return [];
      const instrument = instrumentOf(reading.instrument);
      // An inverse contract's coins are its lots at the mark price: they change whenever the price does.
      if (instrument === undefined || instrument.contract.kind === "inverse") return [];
      const flow = flowOf(instrument.instrument);
      if (reading.kind === "open_interest") {
        const forced = reading.quantity >= 0 ? flow.openInterest(reading.quantity, receivedTime) : [];
        return forced.map((sweep) => sweepLiquidation(sweep, instrument));
      }
      if (isPositive(reading.price) && isPositive(reading.quantity)) flow.trade(reading, receivedTime);
      return [];
    },
  };
}

function isPositive(value: number): boolean {
  return value > 0 && value < Infinity;
}
