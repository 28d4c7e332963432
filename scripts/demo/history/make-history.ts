import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import { SECOND_MS } from "../../../src/windows/calendar.ts";
import { DEMO_VARIABLES } from "../demo-venues.ts";
import { type LocalStorage, openStorage } from "../../local-worker.ts";
import { replayHistory } from "./replay-history.ts";
import { simulateHistory } from "./simulate-history.ts";
import { isUsed, storeHistory } from "./store-history.ts";

/** More than the feeds take to come up once the history is stored; recorded as not covered. */
const HANDOVER_MS = 30 * SECOND_MS;
/** Beyond it days would take minutes to make. */
const MAX_RATE = 0.5;

export interface MadeHistory {
  readonly startTime: number;
  readonly endTime: number;
  readonly liquidations: number;
  readonly gaps: number;
  readonly cascades: number;
  readonly decisions: number;
}

/** What a history follows from, but for its end. */
export interface HistoryRequest {
  readonly seed: number;
  /** Liquidations a second of the live market. */
  readonly rate: number;
  readonly days: number;
}

/**
 * Fills empty stores with some days of the simulated market that end now. The Worker must not be running.
 * @returns null where the stores hold something already: they stay as they are
 */
export async function makeHistory(stateDir: string, { seed, rate, days }: HistoryRequest): Promise<MadeHistory | null> {
  const storage = await openStorage(stateDir);
  try {
    if (await isUsed(storage)) return null;
    const config = parseConfig(DEMO_VARIABLES);
    const symbols = config.LIQUIDATION_SYMBOLS === "*" ? [] : [...config.LIQUIDATION_SYMBOLS];
    const venues = config.LIQUIDATION_EXCHANGES;
    const history = simulateHistory({ seed, rate: Math.min(rate, MAX_RATE), days, symbols, venues, endTime: Date.now() });
    const gaps = venues.flatMap((exchange): readonly Gap[] => [
      { exchange, from_time: 0, to_time: history.startTime, reason: "not_started" },
      ...history.gaps.filter((gap) => gap.exchange === exchange),
      { exchange, from_time: history.endTime, to_time: null, reason: "restarted" },
    ]);
    const signals = await replayHistory(history, gaps, config, seed);
    await storeHistory(storage, history, gaps, signals, config);
    const { startTime, endTime, liquidations, cascades } = history;
    return {
      startTime,
      endTime,
      liquidations: liquidations.length,
      gaps: history.gaps.length,
      cascades: cascades.length,
      decisions: signals.length,
    };
  } finally {
    await storage.dispose();
  }
}

/** Records that no venue was listened to from a history's end until the feeds of this run are up. */
export async function expectHandover(stateDir: string, history: Pick<MadeHistory, "endTime">): Promise<void> {
  const storage = await openStorage(stateDir);
  await recordHandover(storage, history, Date.now() + HANDOVER_MS);
  await storage.dispose();
}

/** Records until when no venue was listened to after a history's end, ms. */
export async function recordHandover({ env }: LocalStorage, { endTime }: Pick<MadeHistory, "endTime">, liveTime: number): Promise<void> {
  await env.DB.prepare("UPDATE gaps SET to_time = max(coalesce(to_time, 0), ?2) WHERE from_time = ?1").bind(endTime, liveTime).run();
}
