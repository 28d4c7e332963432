import type { Config } from "../../src/config.ts";
import { CONTAGION_DAYS, type Contagion, withheldContagion } from "../../src/contagion/contagion.ts";
import { type ContagionWindow, fitContagion } from "../../src/contagion/fit-contagion.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../src/windows/calendar.ts";
import { fittedSymbols, storeContagion } from "../d1/contagion.ts";
import type { Stores } from "../daily/stores.ts";
import { storedWindow } from "./stored-window.ts";

/** By then the daily file of the day before is published, unless its stores fail. */
const AFTER_THE_DAY_MS = 3 * HOUR_MS;
/** Each takes up to half a minute of processor time on a busy asset. */
const MAX_SYMBOLS = 12;

/** The end of the last window that can be fitted, ms. */
export function contagionEnd(now: number): number {
  return floorTo(now - AFTER_THE_DAY_MS, DAY_MS);
}

/** Fits the next base asset of the day that has no fit yet. @returns whether another one is left */
export async function fitNext(env: Stores, config: Config, now: number): Promise<{ readonly more: boolean; readonly record: object }> {
  const end = contagionEnd(now);
  const window = await storedWindow(env.BUCKET, end);
  if ("reason" in window) {
    const symbols = fittedOf(config, null);
    const range = { start_time: end - CONTAGION_DAYS * DAY_MS, end_time: end };
    for (const symbol of symbols) await storeContagion(env.DB, withheldContagion({ symbol, ...range }, window));
    return { more: false, record: { symbols, withheld: window.reason } };
  }
  const symbols = fittedOf(config, window);
  const fitted = await fittedSymbols(env.DB, end, symbols);
  const [symbol, ...others] = symbols.filter((name) => !fitted.has(name));
  if (symbol === undefined) return { more: false, record: { symbols: [] } };
  const fit = fitOrFailure(symbol, window);
  await storeContagion(env.DB, fit);
  return { more: others.length > 0, record: { symbols: [symbol], withheld: fit.withheld?.reason ?? null } };
}

/** A base asset that cannot be fitted is withheld for the day, so that the others are fitted. */
function fitOrFailure(symbol: string, window: ContagionWindow): Contagion {
  try {
    return fitContagion(symbol, window);
  } catch (error) {
    writeLog("error", { event: "contagion_fit_failed", symbol, error: messageOf(error) });
    const range = { symbol, start_time: window.start, end_time: window.end };
    return withheldContagion(range, { reason: "not_fitted", detail: "the fit failed; the log of the Worker says why" });
  }
}

/** The configured base assets, or all, with those that have the most events first, as many as are fitted. */
function fittedOf({ LIQUIDATION_SYMBOLS: configured }: Config, window: ContagionWindow | null): readonly string[] {
  const eventsOf = (symbol: string) => [...(window?.times.get(symbol)?.values() ?? [])].reduce((sum, { length }) => sum + length, 0);
  const names = configured === "*" ? [...(window?.times.keys() ?? [])] : [...configured];
  return names.toSorted((a, b) => eventsOf(b) - eventsOf(a) || (a < b ? -1 : 1)).slice(0, MAX_SYMBOLS);
}
