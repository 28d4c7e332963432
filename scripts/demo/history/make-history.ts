import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import { SECOND_MS } from "../../../src/windows/calendar.ts";
import { type LocalStorage, openStorage } from "../../local-worker.ts";
import { replayHistory } from "./replay-history.ts";
import { simulateHistory } from "./simulate-history.ts";
import { isUsed, storeHistory } from "./store-history.ts";

/** More than the feeds take to come up once the history is stored; recorded as not covered. */
const HANDOVER_MS = 30 * SECOND_MS;
/** A real day of BTC, ETH and SOL has some thousands; at this rate it has twenty. */
const MAX_RATE = 0.25;

export interface MadeHistory {
  readonly startTime: number;
  readonly endTime: number;
  /** Liquidations a second. */
  readonly rate: number;
  readonly liquidations: number;
  readonly decisions: number;
}

/**
 * Fills empty stores with some days of the simulated market. The Worker must not be running.
 * @returns null where the stores hold something already: they stay as they are
 */
export async function makeHistory(stateDir: string, seed: number, liveRate: number, days: number): Promise<MadeHistory | null> {
  const storage = await openStorage(stateDir);
  try {
    if (await isUsed(storage)) return null;
    const config = parseConfig({});
    const symbols = config.LIQUIDATION_SYMBOLS === "*" ? [] : [...config.LIQUIDATION_SYMBOLS];
    const rate = Math.min(liveRate, MAX_RATE);
    const history = simulateHistory({ seed, rate, days, symbols, endTime: Date.now() });
    const gaps = config.LIQUIDATION_EXCHANGES.flatMap((exchange): readonly Gap[] => [
      { exchange, from_time: 0, to_time: history.startTime, reason: "not_started" },
      { exchange, from_time: history.endTime, to_time: null, reason: "restarted" },
    ]);
    const signals = await replayHistory(history, gaps, config);
    await storeHistory(storage, history, gaps, signals, config);
    await recordHandover(storage, history, Date.now() + HANDOVER_MS);
    const { startTime, endTime, liquidations } = history;
    return { startTime, endTime, rate, liquidations: liquidations.length, decisions: signals.length };
  } finally {
    await storage.dispose();
  }
}

/** Records until when no venue was listened to after a history's end. */
export async function recordHandover({ env }: LocalStorage, { endTime }: Pick<MadeHistory, "endTime">, liveTime: number): Promise<void> {
  await env.DB.prepare("UPDATE gaps SET to_time = max(coalesce(to_time, 0), ?2) WHERE from_time = ?1").bind(endTime, liveTime).run();
}
