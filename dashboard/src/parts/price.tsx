import { priceText } from "./format.ts";
import { Unknown } from "./unknown.tsx";

/** A price in USD; what kind of price it is belongs into the label beside it. */
export function Price({ price, reason = "The venue did not report it." }: { readonly price: number | null; readonly reason?: string }) {
  return price === null ? <Unknown reason={reason} /> : <span class="num">{priceText(price)}</span>;
}
