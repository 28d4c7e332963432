import type { Liquidation } from "../liquidation.ts";

/** Bybit pushes what happened in half a second as one frame (exchanges.md, 2.3). */
const BYBIT_BATCH_MS = 500;

export type TimedEvent = Pick<Liquidation, "exchange" | "event_time" | "received_time">;

/**
 * When the events of [from, to] happened, in seconds since `from`, ascending: what `fitHawkes` takes. The events of one
 * Bybit frame stand at even steps, in their order, in the 500 ms up to the last of them, since the order is all that the
 * frame is trusted to tell: near-equal stamps would look like excitement within a millisecond. Other venues' times
 * are taken as they are.
 *
 * @param events in any order; `coverage: inferred` is for the caller to leave out
 * @param from ms
 * @param to ms
 */
export function spreadBatches(events: readonly TimedEvent[], from: number, to: number): Float64Array {
  const inside = events.filter(({ event_time: time }) => time >= from && time <= to).toSorted((a, b) => a.event_time - b.event_time);
  const times = Float64Array.from(inside, ({ event_time: time }) => time - from);
  for (const batch of bybitBatches(inside)) spread(times, batch);
  return times.map((time) => Math.max(0, time) / 1000).toSorted();
}

/** Indices of the events of each Bybit frame: received at one moment, within 500 ms of each other. */
function bybitBatches(events: readonly TimedEvent[]): number[][] {
  const batches: number[][] = [];
  const openByReceivedTime = new Map<number, { readonly start: number; readonly indices: number[] }>();
  for (const [index, { exchange, event_time: time, received_time: received }] of events.entries()) {
    if (exchange !== "bybit") continue;
    const open = openByReceivedTime.get(received);
    if (open !== undefined && time - open.start < BYBIT_BATCH_MS) {
      open.indices.push(index);
      continue;
    }
    const indices = [index];
    batches.push(indices);
    openByReceivedTime.set(received, { start: time, indices });
  }
  return batches;
}

function spread(times: Float64Array, batch: readonly number[]): void {
  const last = times[batch.at(-1) ?? 0] ?? 0;
  for (const [place, index] of batch.entries()) {
    times[index] = last - (BYBIT_BATCH_MS * (batch.length - 1 - place)) / batch.length;
  }
}
