import type { ExchangeName, PositionSide } from "../liquidation.ts";
import type { LogEntry } from "./log-entry.ts";

/** What a client can subscribe to: the types of the frames that carry records. */
export const CHANNELS = ["liquidation", "cascade", "signal", "feed", "totals", "estimate", "silence"] as const;
export type Channel = (typeof CHANNELS)[number];

/** `totals` and `estimate` are sent whether or not anything of note happens, so they have to be asked for. */
export const DEFAULT_CHANNELS: readonly Channel[] = ["liquidation", "cascade", "signal", "feed", "silence"];

/** What one subscription asks for. Null does not filter. */
export interface StreamFilter {
  readonly channels: readonly Channel[];
  /** Base assets. Frames without one (`feed`, `silence` of a whole venue) pass. */
  readonly symbols: readonly string[] | null;
  /** Venues. Frames without one (`signal`, `totals`) pass, and those of several (`cascade`, `estimate`) with one of them. */
  readonly exchanges: readonly ExchangeName[] | null;
  /** Side of the closed positions, of liquidations and cascades. */
  readonly side: PositionSide | null;
  /** Minimum `usd_value` of a liquidation, which excludes those of unknown value. */
  readonly min_usd: number | null;
  /** Whether liquidations that no venue reported are included. */
  readonly inferred: boolean;
}

/** The fields of a logged frame that filters look at. */
export type Filterable = Pick<LogEntry, "kind" | "symbol" | "exchanges" | "side" | "usd" | "inferred">;

export function passes(filter: StreamFilter, frame: Filterable): boolean {
  const { channels, symbols, exchanges, side, min_usd: minUsd, inferred } = filter;
  if (!channels.includes(frame.kind)) return false;
  if (symbols !== null && frame.symbol !== null && !symbols.includes(frame.symbol)) return false;
  if (exchanges !== null && frame.exchanges !== null && !frame.exchanges.some((name) => exchanges.includes(name))) return false;
  if (side !== null && frame.side !== null && frame.side !== side) return false;
  if (frame.kind !== "liquidation") return true;
  if (frame.inferred && !inferred) return false;
  return minUsd === null || (frame.usd !== null && frame.usd >= minUsd);
}

/** One text for all filters that ask for the same, so that what they get is selected once. */
export function filterKey(filters: readonly StreamFilter[]): string {
  return JSON.stringify(filters.map(canonical).toSorted());
}

function canonical({ channels, symbols, exchanges, side, min_usd, inferred }: StreamFilter): string {
  return JSON.stringify([channels.toSorted(), symbols?.toSorted() ?? null, exchanges?.toSorted() ?? null, side, min_usd, inferred]);
}
