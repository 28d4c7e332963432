import type { Instrument } from "../exchanges/exchange.ts";
import { KUCOIN_ADAPTER_VERSION } from "../exchanges/kucoin/kucoin-frames.ts";
import { valuate } from "../exchanges/decoding/valuation.ts";
import type { VenueLiquidation } from "../liquidation.ts";
import type { Sweep } from "./sweep.ts";

/** A sweep as the liquidation it is taken for: a long is closed by a sell. */
export function sweepLiquidation(sweep: Sweep, instrument: Instrument): VenueLiquidation {
  const { takerOrderId, side, lastTime } = sweep;
  const contracts = lotsOf(sweep, instrument);
  const { price, quantity, usd_value } = valuate(instrument, contracts, (sweep.notional / sweep.quantity) * instrument.scale);
  return {
    event_id: `kucoin:${instrument.instrument}:inferred:${takerOrderId}`,
    exchange: "kucoin",
    instrument: instrument.instrument,
    symbol: instrument.symbol,
    quote: instrument.quote,
    event_time: lastTime,
    position_side: side === "sell" ? "long" : "short",
    order_side: side,
    price,
    price_kind: "average_fill",
    quantity,
    contracts,
    usd_value,
    order_type: null,
    time_in_force: null,
    order_status: null,
    average_price: null,
    limit_price: null,
    last_filled_quantity: null,
    bankruptcy_loss: null,
    coverage: "inferred",
    adapter_version: KUCOIN_ADAPTER_VERSION,
  };
}

/** Lots, which are whole: the fills' base units come from them by way of binary fractions. */
function lotsOf({ quantity }: Sweep, { contract, scale }: Instrument): number | null {
  return contract.kind === "inverse" || contract.size === null ? null : Math.round(quantity / (contract.size * scale));
}
