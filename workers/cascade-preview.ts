import type { CascadeRecord } from "../src/cascade/cascade-record.ts";

/** The id in `/cascades/{id}`, or null for every other address. */
export function cascadeOfPath(pathname: string): string | null {
  const id = /^\/cascades\/([^/]{1,300})$/.exec(pathname)?.[1];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}

/** A cascade in two lines of text, for a link to it. */
export function cascadePreview(cascade: CascadeRecord): { readonly title: string; readonly description: string } {
  const { symbol, position_side: side, usd, move_bps: move, exchanges, start_time: start, end_time: end, first_exchange: first } = cascade;
  const amount = `$${Math.round(usd).toLocaleString("en-US")}`;
  const moved = move === null ? "" : `, mark price ${side === "long" ? "−" : "+"}${(Math.abs(move) / 100).toFixed(2)}%`;
  const state = end === null ? "still running" : `in ${Math.max(1, Math.round((end - start) / 1_000))} s`;
  return {
    title: `${symbol} cascade: ${amount} of ${side}s liquidated${moved}`,
    description: `${new Date(start).toISOString().slice(0, 16).replace("T", " ")} UTC, ${state}, on ${exchanges.join(", ")}${
      first === null ? "" : `; ${first} moved first`
    }. A lower bound: venues do not report every liquidation.`,
  };
}
