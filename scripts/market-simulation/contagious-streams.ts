import type { Random } from "../simulator/random.ts";

/** What one event of a stream triggers directly in another one, or in itself. */
export interface Trigger {
  readonly from: number;
  readonly to: number;
  /** Mean number of events. */
  readonly ratio: number;
  /** Every triggered event comes this much later, s, and then after an exponential time of this mean, s. */
  readonly delayS: number;
  readonly memoryS: number;
}

export interface ContagiousOptions {
  readonly streams: number;
  readonly days: number;
  /** Events that come by themselves, of each stream. */
  readonly ownPerDay: number;
  readonly triggers: readonly Trigger[];
  /** The logarithm of the rate of all streams together returns to 0 with this deviation and time, s. */
  readonly drift: { readonly deviation: number; readonly timeS: number };
  /** Shocks that reach each stream within so many seconds. */
  readonly shocks: { readonly perDay: number; readonly withinS: number };
}

const DAY_S = 86_400;

/** Times of streams that trigger each other, ms, ascending, by their clusters (Hawkes & Oakes 1974, J. Appl. Prob. 11). */
export function contagiousStreams(options: ContagiousOptions, random: Random): readonly (readonly number[])[] {
  const end = options.days * DAY_S;
  const waiting = [...ownEvents(options, random), ...shockEvents(options, random)];
  const times = Array.from({ length: options.streams }, (): number[] => []);
  for (let event = waiting.pop(); event !== undefined; event = waiting.pop()) {
    const { stream, time } = event;
    if (time >= end) continue;
    times[stream]?.push(Math.floor(1000 * time));
    for (const { from, to, ratio, delayS, memoryS } of options.triggers) {
      if (from !== stream) continue;
      for (let left = random.exponential(1); left < ratio; left += random.exponential(1)) {
        waiting.push({ stream: to, time: time + delayS + random.exponential(1 / memoryS) });
      }
    }
  }
  return times.map((own) => own.toSorted((a, b) => a - b));
}

/** Keeps the first event of each second, as a throttled feed does. */
export function throttled(times: readonly number[]): readonly number[] {
  return times.filter((time, index) => Math.floor(time / 1000) !== Math.floor((times[index - 1] ?? -1000) / 1000));
}

interface OwnEvent {
  readonly stream: number;
  /** s */
  readonly time: number;
}

function ownEvents({ streams, days, ownPerDay, drift }: ContagiousOptions, random: Random): readonly OwnEvent[] {
  const mean = (streams * ownPerDay) / DAY_S;
  const events: OwnEvent[] = [];
  let level = drift.deviation * random.normal();
  for (let second = 0; second < days * DAY_S; second += 1) {
    if (drift.deviation > 0) level += drift.deviation * Math.sqrt(2 / drift.timeS) * random.normal() - level / drift.timeS;
    const rate = mean * Math.exp(level - drift.deviation ** 2 / 2);
    for (let left = random.exponential(1); left < rate; left += random.exponential(1)) {
      events.push({ stream: random.integer(streams), time: second + random.uniform() });
    }
  }
  return events;
}

function shockEvents({ streams, days, shocks: { perDay, withinS } }: ContagiousOptions, random: Random): readonly OwnEvent[] {
  const events: OwnEvent[] = [];
  if (perDay === 0) return events;
  for (let time = random.exponential(perDay / DAY_S); time < days * DAY_S; time += random.exponential(perDay / DAY_S)) {
    for (let stream = 0; stream < streams; stream += 1) events.push({ stream, time: time + withinS * random.uniform() });
  }
  return events;
}
