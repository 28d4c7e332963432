import type { Instrument } from "../../exchange.ts";
import { KUCOIN_ADAPTER_VERSION } from "../kucoin-frames.ts";
import { valuate } from "../../decoding/valuation.ts";
import { venueLiquidation } from "../../decoding/venue-liquidation.ts";
import type { VenueLiquidation } from "../../../liquidation.ts";
import type { Sweep } from "./sweep.ts";

/** The liquidation inferred from a sweep: a sell closes a long. */
export function sweepLiquidation(sweep: Sweep, instrument: Instrument): VenueLiquidation {
  const { takerOrderId, side, lastTime } = sweep;
  const contracts = lotsOf(sweep, instrument);
  const { price, quantity, usd_value } = valuate(instrument, contracts, (sweep.notional / sweep.quantity) * instrument.scale);
  return venueLiquidation(instrument, side === "sell" ? "long" : "short", {
    event_id: `kucoin:${instrument.instrument}:inferred:${takerOrderId}`,
    exchange: "kucoin",
    event_time: lastTime,
    price,
    price_kind: "average_fill",
    quantity,
    contracts,
    usd_value,
    coverage: "inferred",
    adapter_version: KUCOIN_ADAPTER_VERSION,
  });
}

/** Lots, which are integers: the fills have base units converted from them by binary fractions. */
function lotsOf({ quantity }: Sweep, { contract, scale }: Instrument): number | null {
  return contract.kind === "inverse" || contract.size === null ? null : Math.round(quantity / (contract.size * scale));
}
