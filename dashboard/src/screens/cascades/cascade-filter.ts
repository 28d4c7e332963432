import type { PositionSide } from "../../../../src/liquidation.ts";
import { parameter } from "../../shell/router.tsx";
import type { RunningFilter } from "./with-running.ts";

export const SIDES = ["long", "short"] as const satisfies readonly PositionSide[];
/** Ranges of the list, by name, in days. */
export const RANGES = { "1 d": 1, "7 d": 7, "30 d": 30, "1 y": 365 } as const;
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as readonly RangeName[];
const DEFAULT_RANGE: RangeName = "7 d";
/** That of the API, unless whoever runs it chose another: it is always sent, so that the stream's cascades pass the same. */
const DEFAULT_MIN_USD = 1_000_000;

/** Which cascades the list shows, as the address has it. */
export interface CascadeFilter extends RunningFilter {
  readonly range: RangeName;
}

/** The filter in the address. What is no valid value there, as in an old bookmark, filters nothing. */
export function shownFilter(): CascadeFilter {
  const usd = parameter("min_usd");
  const minUsd = usd === null || usd.trim() === "" ? Number.NaN : Number(usd);
  return {
    symbol: parameter("symbol")?.toUpperCase() ?? null,
    side: SIDES.find((side) => side === parameter("side")) ?? null,
    minUsd: Number.isFinite(minUsd) && minUsd >= 0 ? minUsd : DEFAULT_MIN_USD,
    range: RANGE_NAMES.find((name) => name === parameter("range")) ?? DEFAULT_RANGE,
    cursor: parameter("cursor"),
  };
}
