import { exchanges } from "../exchanges/registry.ts";
import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";

/** Fee of a taker order by venue, bps of its value; null where it is unknown. */
export type TakerFees = Readonly<Record<ExchangeName, number | null>>;

/** One fee for every venue, or a fee by venue. */
export function takerFees(feeOf: (exchange: ExchangeName) => number | null): TakerFees {
  return Object.fromEntries(EXCHANGES.map((name) => [name, feeOf(name)])) as TakerFees;
}

/** What the venues charge unless `LIQUIDATION_TAKER_FEES_BPS` says otherwise. */
export const TAKER_FEES_BPS = takerFees((name) => exchanges[name].takerFeeBps);

/** The marks of venues whose fee is known, as a trade has a cost on no other; all of them where none is. */
export function pricedMarks<Mark extends { readonly exchange: ExchangeName }>(marks: readonly Mark[], fees: TakerFees): readonly Mark[] {
  const priced = marks.filter(({ exchange }) => fees[exchange] !== null);
  return priced.length === 0 ? marks : priced;
}

/** The highest known fee, bps; 0 where none is known. */
export function dearestFee(fees: TakerFees): number {
  return Object.values(fees).reduce<number>((dearest, fee) => Math.max(dearest, fee ?? dearest), 0);
}
