import type { CrossVenueState } from "../cascade/cross-venue-state.ts";
import type { PositionSide } from "../liquidation.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { SideSum, SymbolTotals } from "./frames.ts";

const WINDOW_MS = 15 * MINUTE_MS;

/** The running minute and the last 15 minutes of every base asset with a liquidation in them, in alphabetical order. */
export function symbolTotals(state: Pick<CrossVenueState, "between" | "symbols">, now: number): readonly SymbolTotals[] {
  const minute = floorTo(now, MINUTE_MS);
  return state.symbols().flatMap((symbol) => {
    const over = (after: number) => ({ long: sum(state, symbol, "long", after), short: sum(state, symbol, "short", after) });
    const window = over(now - WINDOW_MS);
    if (window.long.events + window.short.events === 0) return [];
    // The start is part of the minute, and a tally begins after its first time.
    const running = { start_time: minute, ...over(minute - 1) };
    return [{ symbol, minute: running, window_15m: { start_time: now - WINDOW_MS, ...window } }];
  });
}

function sum(state: Pick<CrossVenueState, "between">, symbol: string, side: PositionSide, after: number): SideSum {
  const { events, usd } = state.between(symbol, side, after, Infinity, Infinity);
  return { events, usd };
}
