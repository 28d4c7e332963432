import { coverageWord } from "./coverage-word.ts";
import { countOf, numberOf, priceOf, textOf, timeOf, usdOf } from "./figures.ts";
import type { Wording } from "./message.ts";
import { sideWords } from "./positions.ts";

/** Quotes whose prices are in dollars. */
const DOLLARS: ReadonlySet<unknown> = new Set(["USD", "USDT", "USDC", undefined]);

export const largeLiquidation: Wording<"liquidation.large"> = (liquidation) => {
  const side = sideWords(liquidation.position_side);
  const venue = textOf(liquidation.exchange) ?? "a venue";
  const price = quoted(liquidation.price, liquidation.quote);
  const cascade = textOf(liquidation.cascade_id);
  const who = `${textOf(liquidation.symbol) ?? "Unknown"} ${side?.position ?? "position"} liquidated: ${usdOf(liquidation.usd_value) ?? "unknown size"}`;
  return {
    tone: side?.tone ?? "quiet",
    headline: `${side?.arrow ?? ""}${who} on ${venue}${price === null ? "" : ` at ${price}`}`,
    lines: [side === null ? null : `The ${side.position} was closed by ${side.order}.`],
    facts: [
      ["Coverage", coverageWord(liquidation.coverage)],
      ["Not sent", omitted(liquidation.not_sent)],
      ["Mark price", quoted(liquidation.mark_price, liquidation.quote)],
      [`All ${side?.positions ?? "positions"}, all venues, 1 min`, usdOf(liquidation.cum_usd_1m)],
      ["Contract", textOf(liquidation.instrument)],
      ["Time", timeOf(liquidation.event_time)],
    ],
    link: cascade === null ? null : { label: "Open the case file", path: `/cascades/${encodeURIComponent(cascade)}` },
  };
};

function quoted(price: unknown, quote: unknown): string | null {
  const text = priceOf(price);
  return text === null || DOLLARS.has(quote) ? text : `${text.slice(1)} ${textOf(quote) ?? ""}`;
}

function omitted(value: unknown): string | null {
  const count = numberOf(value);
  return count === null || count === 0 ? null : `${countOf(count) ?? ""} as large since the message before`;
}
