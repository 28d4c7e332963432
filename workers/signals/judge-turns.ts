import type { Config } from "../../src/config.ts";
import { signalInputRanges } from "../../src/signals/assemble-signal-input.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { type FlowRow, flowMinutes } from "../../src/signals/flow-minutes.ts";
import {
  type FlushFlow,
  type FollowedFlush,
  type OpenFlush,
  followed,
  mayBeTurn,
  openFlush,
  turnOf,
} from "../../src/signals/open-flush.ts";
import { pathMarks } from "../../src/signals/path-venue.ts";
import { sigmaBeforeBps } from "../../src/signals/sigma-before.ts";
import { spikeSettings } from "../../src/signals/spike-rule.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { Trigger } from "../../src/signals/trigger.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { rowsOf } from "../d1/rows-of.ts";
import { MARKS_OF_ALL_VENUES } from "./mark-paths.ts";
import { FLOW } from "./signal-inputs.ts";
import { earlierSpikes } from "./spike-queue.ts";

/** The minute that is judged, and up to when data is known, ms. */
interface KnownMinute {
  readonly minute: number;
  readonly knownTime: number;
}

interface FlushFlows {
  readonly flows: ReadonlyMap<string, FlushFlow>;
  readonly rowsRead: number;
}

/** Reads the flow and the mark prices of open flushes before a minute, as an input has them. */
async function readFlushFlows(db: D1Database, flushes: readonly OpenFlush[], { minute, knownTime }: KnownMinute): Promise<FlushFlows> {
  if (flushes.length === 0) return { flows: new Map(), rowsRead: 0 };
  const ranges = signalInputRanges(minute);
  const results = await db.batch(
    flushes.flatMap(({ symbol }) => [
      db.prepare(FLOW).bind(symbol, ranges.flow.start, ranges.flow.end),
      db.prepare(MARKS_OF_ALL_VENUES).bind(symbol, ranges.recentMarks.start, ranges.recentMarks.end),
    ]),
  );
  const flows = flushes.map(({ symbol }, index) => {
    const marks = pathMarks(rowsOf<MinuteMark>(results[2 * index + 1]), knownTime);
    const flow = flowMinutes(minute, rowsOf<FlowRow>(results[2 * index]), marks);
    return [symbol, { flow, sigmaBps: sigmaBeforeBps(marks, minute) }] as const;
  });
  return { flows: new Map(flows), rowsRead: results.reduce((rows, result) => rows + result.meta.rows_read, 0) };
}

/** A window whose flush may turn. */
export interface FlushWindow {
  readonly symbolWindow: SymbolWindow;
  readonly flush: OpenFlush;
}

export interface JudgedFlushes {
  readonly turned: readonly (FlushWindow & { readonly trigger: Trigger })[];
  readonly open: readonly FollowedFlush[];
  readonly rowsRead: number;
}

/** Tells the flushes that have turned at a minute from those that are still open. */
export async function judgeFlushes(db: D1Database, windows: readonly FlushWindow[], at: KnownMinute): Promise<JudgedFlushes> {
  const { flows, rowsRead } = await readFlushFlows(
    db,
    windows.map(({ flush }) => flush),
    at,
  );
  const seen = windows.map(({ symbolWindow, flush }) => {
    const flow = flows.get(flush.symbol) ?? { flow: [], sigmaBps: null };
    return { symbolWindow, flush, sigmaBps: flow.sigmaBps, trigger: turnOf(flush, flow, symbolWindow) };
  });
  return {
    turned: seen.flatMap(({ trigger, ...one }) => (trigger === null ? [] : [{ ...one, trigger }])),
    open: seen.flatMap(({ trigger, flush, sigmaBps }) => (trigger === null ? [followed(flush, sigmaBps)] : [])),
    rowsRead,
  };
}

/** Followed flushes that were looked at. */
export interface SeenFlushes {
  /** The base assets whose flush has turned, unless its side does not dominate their window any more. */
  readonly turning: readonly string[];
  /** The others, null where none is open any more. */
  readonly flushes: ReadonlyMap<string, FollowedFlush | null>;
  readonly rowsRead: number;
}

/** Looks whether followed flushes have turned, without their windows, which are much more to read. */
export async function seeFlushes(db: D1Database, config: Config, symbols: readonly string[], at: KnownMinute): Promise<SeenFlushes> {
  if (symbols.length === 0) return { turning: [], flushes: new Map(), rowsRead: 0 };
  const { minute, knownTime } = at;
  const settings = spikeSettings(config);
  // A spike that was decided before its minute counts already.
  const earlier = await earlierSpikes(db, symbols, minute - settings.cooldownMinutes * MINUTE_MS, minute + 1, knownTime);
  const open = symbols.flatMap((symbol) => openFlush(symbol, minute, settings, earlier.get(symbol) ?? null) ?? []);
  const { flows, rowsRead } = await readFlushFlows(db, open, at);
  const flushes = new Map<string, FollowedFlush | null>(symbols.map((symbol) => [symbol, null]));
  const turning: string[] = [];
  for (const flush of open) {
    const seen = flows.get(flush.symbol);
    if (seen === undefined) continue;
    flushes.set(flush.symbol, followed(flush, seen.sigmaBps));
    if (mayBeTurn(flush, seen)) turning.push(flush.symbol);
  }
  return { turning, flushes, rowsRead };
}
