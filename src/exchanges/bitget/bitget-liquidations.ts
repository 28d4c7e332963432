import { eventId } from "../decoding/event-id.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";
import { isObject, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inScope } from "../decoding/scope.ts";
import { isDollar, valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";

export const BITGET_ADAPTER_VERSION = 1;

/** What `amount` counts: the quote asset, coins, or what cannot be known. */
export type AmountUnit = "quote" | "coins" | null;

interface Context {
  readonly scope: Scope;
  readonly instrumentOf: (name: string) => Instrument;
  readonly unit: AmountUnit;
  /** The text for rejects; null for the row itself. */
  readonly text: string | null;
}

/**
 * Rows of the socket or of REST. `side` is the POSITION: buy is a long that was liquidated. The venue has at most one row per
 * contract, side and second, so their time and price tell them apart without the amount, whose unit on REST is not certain.
 */
export function readBitgetRows(rows: readonly unknown[], { scope, instrumentOf, unit, text }: Context): readonly FeedMessage[] {
  return rows.map((row): FeedMessage => {
    const fields = isObject(row) ? row : {};
    const { symbol: name, side } = fields;
    const time = readTime(fields.ts);
    const amount = readNumber(fields.amount);
    if (typeof name !== "string" || name === "" || (side !== "buy" && side !== "sell") || time === null || amount === null || amount < 0) {
      return { kind: "reject", reason: "malformed liquidation", text: text ?? shown(row) };
    }
    const instrument = instrumentOf(name);
    if (!inScope(scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
    const venuePrice = readPositive(fields.price);
    const coins = coinsOf(amount, venuePrice, unit);
    const { price, quantity, usd_value } = valuate(instrument, coins, venuePrice);
    return {
      kind: "liquidation",
      liquidation: venueLiquidation(instrument, side === "buy" ? "long" : "short", {
        event_id: eventId("bitget", name, time, side, null, venuePrice),
        exchange: "bitget",
        event_time: time,
        price,
        price_kind: "bankruptcy",
        quantity,
        usd_value: unit === "quote" && isDollar(instrument.quote) ? amount : usd_value,
        coverage: "largest_per_side_second",
        adapter_version: BITGET_ADAPTER_VERSION,
      }),
    };
  });
}

function coinsOf(amount: number, price: number | null, unit: AmountUnit): number | null {
  if (unit === "coins") return amount;
  return unit === null || price === null ? null : amount / price;
}

/**
 * What the amounts of a REST response count, which no document says: sizes are orders in steps of at most four decimals, so the
 * amounts are in the quote asset where all become such numbers when divided by their price, and coins where all are such numbers
 * themselves. Null where both or neither hold.
 */
export function amountUnit(rows: readonly unknown[]): AmountUnit {
  const read = rows.map((row) => (isObject(row) ? { price: readPositive(row.price), amount: readNumber(row.amount) } : null));
  const quote = read.every((row) => row !== null && row.price !== null && row.amount !== null && isStepped(row.amount / row.price));
  const coins = read.every((row) => row !== null && row.amount !== null && isStepped(row.amount));
  return quote === coins ? null : quote ? "quote" : "coins";
}

const STEPS = 10_000;
/** Beyond it a double is too coarse to tell. */
const MAX_STEPS = 1e9;
const TOLERANCE = 1e-4;

function isStepped(size: number): boolean {
  const steps = size * STEPS;
  return steps <= MAX_STEPS && Math.abs(steps - Math.round(steps)) <= TOLERANCE;
}
