import type { Config } from "../../src/config.ts";
import { writeLog } from "../../src/log.ts";
import { type FollowedFlush, flushOf, openFlush } from "../../src/signals/open-flush.ts";
import type { SignalInput } from "../../src/signals/signal-input.ts";
import { type SpikeDecision, judgeSpike, spikeSettings } from "../../src/signals/spike-rule.ts";
import { type Trigger, spikeTrigger } from "../../src/signals/trigger.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { Comparison } from "../../src/windows/comparison.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { windowOfMinutes, windowsWith } from "../../src/windows/window.ts";
import { busiestSymbols } from "../d1/busiest-symbols.ts";
import { readWindows } from "../d1/window-reads.ts";
import { readSignalInput } from "./signal-inputs.ts";
import { type FlushWindow, judgeFlushes } from "./judge-turns.ts";
import { type QueuedSpike, earlierSpikes, queueEarlySpikes, queueSpikes, undecided } from "./spike-queue.ts";

/** What is judged: all base assets of a minute, or some before it. */
interface Judged {
  readonly minute: number;
  readonly knownTime: number;
  readonly only: readonly string[] | null;
}

export interface JudgedMinute {
  readonly spikes: number;
  readonly turns: number;
  readonly rowsRead: number;
  readonly comparison: Comparison | null;
  /** The flushes that may turn from now on, and null for those that have turned. */
  readonly flushes: ReadonlyMap<string, FollowedFlush | null>;
}

/** Applies the spike rule to a minute, looks for turns, and queues what is found with its complete input. */
export async function judgeMinute(
  db: D1Database,
  config: Config,
  { minute, knownTime, only }: Judged,
  now = knownTime,
): Promise<JudgedMinute> {
  const compared = windowOfMinutes(config.LIQUIDATION_COMPARISON_WINDOW);
  const windows = windowsWith(compared);
  const busiest = await busiestSymbols(db, config, { start: minute - compared.lengthMs, end: minute });
  const symbols =
    only === null
      ? busiest
      : await undecided(
          db,
          minute,
          busiest.filter((symbol) => only.includes(symbol)),
        );
  if (symbols.length === 0) return { spikes: 0, turns: 0, rowsRead: 0, comparison: null, flushes: new Map() };
  // All of them, because an input says how many base assets move.
  const read = await readWindows(db, config, busiest, windows, minute);
  const settings = spikeSettings(config);
  const earlier = await earlierSpikes(db, symbols, minute - settings.cooldownMinutes * MINUTE_MS, minute, now);
  let rowsRead = read.rowsRead;
  const queued: QueuedSpike[] = [];
  const queue = async (symbolWindow: SymbolWindow, trigger: Trigger, turnOf: number | null = null): Promise<SignalInput> => {
    const found = await readSignalInput(db, config, { symbolWindow, trigger, knownTime }, read);
    rowsRead += found.rowsRead;
    queued.push({ input: found.input, turnOf });
    return found.input;
  };
  const flushes = new Map<string, FollowedFlush | null>();
  const mayTurn: FlushWindow[] = [];
  const judged = read.symbolWindows.filter(({ symbol, window }) => window === compared.name && symbols.includes(symbol));
  for (const symbolWindow of judged) {
    const { symbol } = symbolWindow;
    const decision = judgeSpike(symbolWindow, settings, earlier.get(symbol) ?? null);
    logDecision(symbolWindow, decision, knownTime);
    if (decision.outcome === "spike") {
      const input = await queue(symbolWindow, spikeTrigger(decision));
      flushes.set(symbol, flushOf(input, settings));
      continue;
    }
    const flush = openFlush(symbol, minute, settings, decision.earlier);
    if (flush !== null) mayTurn.push({ symbolWindow, flush });
  }
  const { turned, open, rowsRead: flowRows } = await judgeFlushes(db, mayTurn, { minute, knownTime });
  for (const flush of open) flushes.set(flush.symbol, flush);
  for (const { symbolWindow, trigger, flush } of turned) {
    await queue(symbolWindow, trigger, flush.minute);
    flushes.set(flush.symbol, null);
  }
  await (only === null ? queueSpikes : queueEarlySpikes)(db, minute, queued);
  return {
    spikes: queued.length - turned.length,
    turns: turned.length,
    rowsRead: rowsRead + flowRows,
    comparison: judged[0]?.comparison ?? null,
    flushes,
  };
}

function logDecision(symbolWindow: SymbolWindow, decision: SpikeDecision, knownTime: number): void {
  const { symbol, window, as_of_time: minute, uptime_share, previous_uptime_share } = symbolWindow;
  writeLog("info", {
    event: "spike_rule",
    minute,
    known_time: knownTime,
    symbol,
    window,
    ...decision,
    uptime_share,
    previous_uptime_share,
  });
}
