import type { Instrument } from "../../exchange.ts";
import { KUCOIN_ADAPTER_VERSION } from "../kucoin-frames.ts";
import { valuate } from "../../decoding/valuation.ts";
import { venueLiquidation } from "../../decoding/venue-liquidation.ts";
import type { VenueLiquidation } from "../../../liquidation.ts";
import type { Sweep } from "./sweep.ts";

/** A sweep as the liquidation it is taken for: a long is closed by a sell. */
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

/** Lots, which are whole: the fills' base units come from them by way of binary fractions. */
function lotsOf({ quantity }: Sweep, { contract, scale }: Instrument): number | null {
  return contract.kind === "inverse" || contract.size === null ? null : Math.round(quantity / (contract.size * scale));
}
