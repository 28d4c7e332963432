import { AROUND_MS } from "../mark-window.ts";
import type { Claim, ObservedLiquidation, Observations } from "../observations.ts";
import { verdictOf, votesText } from "./votes.ts";

/**
 * A long is liquidated when the price falls, a short when it rises. Liquidations of a contract and side within ten seconds are
 * one vote: they have one cause.
 */
export function sideByMoves({ liquidations }: Observations): Claim {
  const votes = new Map<string, boolean>();
  for (const liquidation of liquidations) {
    const { before, after } = liquidation.marks;
    if (before === null || after === null || before === after) continue;
    const { instrument, position_side: side } = liquidation.row;
    const key = `${instrument} ${side} ${Math.floor(liquidation.receivedTime / AROUND_MS)}`;
    if (!votes.has(key)) votes.set(key, after < before === (side === "long"));
  }
  const agreeing = [...votes.values()].filter(Boolean).length;
  return {
    about: "Side",
    claim: "The mark price falls around liquidated longs and rises around liquidated shorts.",
    verdict: verdictOf(agreeing, votes.size),
    detail: `${votesText(agreeing, votes.size, "moments agree")} (mark from ${AROUND_MS / 1_000} s before to ${AROUND_MS / 1_000} s after)`,
  };
}

/**
 * The order that closes a long sells, at a limit or bankruptcy price below the market; that of a short buys above it. Where the
 * venue gives a limit and an average price, the limit is the worse one.
 */
export function sideByPrice({ liquidations }: Observations): Claim {
  const votes = liquidations.flatMap((liquidation) => {
    const below = isBelow(liquidation);
    return below === null ? [] : [below === (liquidation.row.position_side === "long")];
  });
  const agreeing = votes.filter(Boolean).length;
  return {
    about: "Side",
    claim: "Orders that close longs are priced below the market, those that close shorts above it.",
    verdict: verdictOf(agreeing, votes.length),
    detail: votesText(agreeing, votes.length, "liquidations agree"),
  };
}

/** Null where the price says nothing about the side. */
function isBelow({ row, marks: { at: mark } }: ObservedLiquidation): boolean | null {
  if (row.limit_price !== null && row.average_price !== null) {
    return row.limit_price === row.average_price ? null : row.limit_price < row.average_price;
  }
  if (row.price === null || mark === null || (row.price_kind !== "bankruptcy" && row.price_kind !== "order")) return null;
  return row.price === mark ? null : row.price < mark;
}
