import type { ExchangeName } from "../liquidation.ts";
import { LogSizes } from "./log-sizes.ts";

/** One liquidation of a symbol and side; `usd` is 0 where unknown. Time in ms. */
export interface FlowEvent {
  readonly time: number;
  readonly usd: number;
  readonly exchange: ExchangeName;
}

/** Half a liquidation, spread over the stretch, and half a second on each side: no rate is zero or infinite. */
const HALF = 0.5;
/**
 * The log-likelihood that a change must gain over a stretch without one, so that chance finds one in fewer than 5 % of steady
 * stretches. Without such a change the flow began with the stretch.
 */
const MIN_GAIN = 8;
/** A rise begins gently only where no pause between its liquidations is longer, ms. */
const FOOT_PAUSE_MS = 2_000;

/**
 * The index of the event with which the present flow began: the most likely change from one rate and distribution of sizes to
 * another with more USD per second (the change point of a marked Poisson process: Raftery & Akman 1986, Biometrika 73), and from
 * there back to the foot of the rise, the most likely change of before, because a flow may begin gently. Null without events.
 *
 * @param events in order of time
 * @param from start of the stretch, ms: it should hold some time of before the flow
 */
export function flowOnset(events: readonly FlowEvent[], from: number): number | null {
  const last = events.at(-1);
  if (last === undefined) return null;
  const sizes = new LogSizes(events.map(({ usd }) => usd));
  const rise = changeIn(events, { from, until: last.time, length: events.length }, sizes);
  if (rise === null) return 0;
  const foot = changeIn(events, { from, until: events[rise]?.time ?? from, length: rise }, sizes);
  return foot !== null && isSteady(events, foot, rise) ? foot : rise;
}

/** The first so many events, and the time that they are known for, ms. */
interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly length: number;
}

/** The index of the first event after the most likely rise within a stretch; null where none is likely enough. */
function changeIn(events: readonly FlowEvent[], { from, until, length }: Stretch, sizes: LogSizes): number | null {
  const seconds = (until - from) / 1000 + 2 * HALF;
  const part = (start: number, end: number, partSeconds: number) => {
    const count = end - start + (HALF * partSeconds) / seconds;
    const logRate = Math.log(count / partSeconds);
    return { likelihood: count * logRate + sizes.likelihood(start, end), logFlow: logRate + sizes.mean(start, end) };
  };
  let [best, found] = [part(0, length, seconds).likelihood + MIN_GAIN, -1];
  for (let index = 0; index < length; index += 1) {
    const beforeS = ((events[index]?.time ?? from) - from) / 1000 + HALF;
    const [before, since] = [part(0, index, beforeS), part(index, length, seconds - beforeS)];
    const likelihood = before.likelihood + since.likelihood;
    if (since.logFlow > before.logFlow && likelihood > best) [best, found] = [likelihood, index];
  }
  return found === -1 ? null : found;
}

/** Whether no pause separates the events from one index to another. */
function isSteady(events: readonly FlowEvent[], start: number, end: number): boolean {
  for (let index = start; index < end; index += 1)
    if ((events[index + 1]?.time ?? 0) - (events[index]?.time ?? 0) > FOOT_PAUSE_MS) return false;
  return true;
}
