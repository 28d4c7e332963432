import { completeLiquidation } from "../../src/complete-liquidation.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import type { SimulatedMarket } from "./simulate-market.ts";
import type { SimulatedEvent } from "./simulated-event.ts";

/** Closing orders fill this far behind the mark. */
const SLIPPAGE = 0.0003;

/** The events as stored liquidations, in order of receipt; what only the hub computes is null. */
export function marketRows({ events, model }: SimulatedMarket): readonly Liquidation[] {
  const venues = new Map(model.venues.map((venue) => [venue.exchange, venue]));
  const rows = events.map((event, index) => {
    const { basisBps = 0, delayMs = 0 } = venues.get(event.exchange) ?? {};
    return marketRow(event, index, model.symbol, event.mark * (1 + basisBps / 1e4), delayMs);
  });
  return rows.toSorted((a, b) => a.received_time - b.received_time);
}

function marketRow(event: SimulatedEvent, index: number, symbol: string, mark: number, delayMs: number): Liquidation {
  const { exchange, side, time, usd, depthUsd } = event;
  const isLong = side === "long";
  const price = mark * (isLong ? 1 - SLIPPAGE : 1 + SLIPPAGE);
  const quantity = usd / price;
  const { coverage, adapterVersion } = exchanges[exchange];
  return completeLiquidation(
    {
      event_id: `simulated:${exchange}:${time}:${index}`,
      exchange,
      instrument: `${symbol}USDT`,
      symbol,
      quote: "USDT",
      event_time: time,
      position_side: side,
      order_side: isLong ? "sell" : "buy",
      price,
      price_kind: "average_fill",
      quantity,
      contracts: null,
      usd_value: usd,
      order_type: null,
      time_in_force: null,
      order_status: null,
      average_price: null,
      limit_price: null,
      last_filled_quantity: null,
      bankruptcy_loss: null,
      time_kind: "venue",
      venue_entry_price: null,
      venue_leverage: null,
      venue_position_quantity: null,
      coverage,
      adapter_version: adapterVersion,
    },
    {
      received_time: time + delayMs,
      source: "stream",
      gap_before_ms: 0,
      notional_mark_usd: quantity * mark,
      mark_price: mark,
      mark_age_ms: 0,
      volatility_5m: event.volatility5m,
      depth_share: usd / depthUsd,
    },
  );
}
