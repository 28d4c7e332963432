import type { PositionSide, VenueLiquidation } from "../../liquidation.ts";
import type { Instrument } from "../exchange.ts";

type OfInstrument = "instrument" | "symbol" | "quote" | "position_side" | "order_side";
type OfSomeVenues =
  | "contracts"
  | "order_type"
  | "time_in_force"
  | "order_status"
  | "average_price"
  | "limit_price"
  | "last_filled_quantity"
  | "bankruptcy_loss"
  | "venue_entry_price"
  | "venue_leverage"
  | "venue_position_quantity"
  | "time_kind";

/** The input of an adapter for a liquidation; fields that its venue does not report are omitted. */
export type VenueWord = Omit<VenueLiquidation, OfInstrument | OfSomeVenues> & Partial<Pick<VenueLiquidation, OfSomeVenues>>;

/**
 * Builds a venue's liquidation from what its adapter read: adds the instrument, derives the side of the closing order
 * from that of the position (a sell closes a long), and fills missing fields with null. Without a `time_kind` the time is
 * the venue's.
 *
 * One literal rather than a spread, because this runs for every liquidation of every frame.
 */
export function venueLiquidation(instrument: Instrument, side: PositionSide, word: VenueWord): VenueLiquidation {
  return {
    event_id: word.event_id,
    exchange: word.exchange,
    instrument: instrument.instrument,
    symbol: instrument.symbol,
    quote: instrument.quote,
    event_time: word.event_time,
    time_kind: word.time_kind ?? "venue",
    position_side: side,
    order_side: side === "long" ? "sell" : "buy",
    price: word.price,
    price_kind: word.price_kind,
    quantity: word.quantity,
    contracts: word.contracts ?? null,
    usd_value: word.usd_value,
    order_type: word.order_type ?? null,
    time_in_force: word.time_in_force ?? null,
    order_status: word.order_status ?? null,
    average_price: word.average_price ?? null,
    limit_price: word.limit_price ?? null,
    last_filled_quantity: word.last_filled_quantity ?? null,
    bankruptcy_loss: word.bankruptcy_loss ?? null,
    venue_entry_price: word.venue_entry_price ?? null,
    venue_leverage: word.venue_leverage ?? null,
    venue_position_quantity: word.venue_position_quantity ?? null,
    coverage: word.coverage,
    adapter_version: word.adapter_version,
  };
}
