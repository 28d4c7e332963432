import type { Config } from "../config.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import type { PositionSide } from "../liquidation.ts";
import { type FlowRow, assembleSignalInput, signalInputRanges } from "../signals/assemble-signal-input.ts";
import type { SignalInput } from "../signals/signal-input.ts";
import type { SpikeDecision } from "../signals/spike-rule.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow } from "../windows/symbol-window.ts";
import type { KnownEvents } from "./known-events.ts";
import type { MarkBook } from "./mark-book.ts";
import type { Known } from "./read-window.ts";

interface Spike {
  readonly known: Known;
  readonly marks: MarkBook;
  readonly config: Pick<Config, "LIQUIDATION_EXCHANGES">;
  /** The compared window. */
  readonly symbolWindow: SymbolWindow;
  /** The standard windows and the compared one. */
  readonly symbolWindows: readonly SymbolWindow[];
  readonly decision: SpikeDecision;
}

/**
 * Reads the input of a spike's decision from memory, as `readSignalInput` reads it live from D1. The hub keeps the
 * state of cascades and no file holds it, so `cascade` is null on both sides; the rule model does not read it.
 */
export function spikeInput({ known, marks, config, symbolWindow, symbolWindows, decision }: Spike): SignalInput {
  const { symbol, as_of_time: minute } = symbolWindow;
  const ranges = signalInputRanges(minute);
  const side = (name: PositionSide) => ({
    latest: known.events.latest(symbol, name, ranges.latest) ?? undefined,
    cascade: undefined,
  });
  return assembleSignalInput({
    config,
    symbolWindow,
    symbolWindows,
    decision,
    gaps: known.gaps,
    flow: flowRows(known.events, symbol, ranges.flow),
    marks: [ranges.dayMarks, ranges.recentMarks].flatMap((range) => marks.marks(symbol, range, minute)),
    sides: { long: side("long"), short: side("short") },
  });
}

/** @param range whole minutes */
function flowRows(events: KnownEvents, symbol: string, { start, end }: TimeRange): readonly FlowRow[] {
  const minutes = Array.from({ length: (end - start) / MINUTE_MS }, (_, index) => start + index * MINUTE_MS);
  return minutes.flatMap((minute) => {
    const usd = events.minutes(symbol).usd({ start: minute, end: minute + MINUTE_MS });
    return POSITION_SIDES.map((position_side) => ({ minute, position_side, usd: usd[position_side] }));
  });
}
