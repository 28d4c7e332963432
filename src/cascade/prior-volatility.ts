import { MINUTE_MS } from "../windows/calendar.ts";

/** The volatility before a flow is that of so much time before it began. */
export const BEFORE_MS = 15 * MINUTE_MS;
/** Longer than a flow that is still compared with the time before it. */
const KEPT_MS = 3 * BEFORE_MS;

export type VolatilitySamples = Readonly<Record<string, readonly (readonly [time: number, volatility: number])[]>>;

/** The 5-minute volatilities that events carried, the first of each minute, by base asset. */
export class PriorVolatility {
  readonly #samples = new Map<string, (readonly [time: number, volatility: number])[]>();

  note(symbol: string, time: number, volatility: number): void {
    let own = this.#samples.get(symbol);
    if (own === undefined) this.#samples.set(symbol, (own = []));
    const last = own.at(-1)?.[0] ?? -Infinity;
    if (Math.floor(time / MINUTE_MS) <= Math.floor(last / MINUTE_MS)) return;
    own.push([time, volatility]);
    while ((own[0]?.[0] ?? Infinity) < time - KEPT_MS) own.shift();
  }

  /**
   * The median of the 15 minutes before a flow began: a jump shortly before it is in few of the samples and does not raise
   * it. Where nothing is known of that time, the lowest since, because the flow's own move only raises it. Null without any.
   */
  before(symbol: string, flowStart: number): number | null {
    const own = this.#samples.get(symbol) ?? [];
    const values = (isWanted: (time: number) => boolean) =>
      own.flatMap(([time, volatility]) => (isWanted(time) ? [volatility] : [])).toSorted((a, b) => a - b);
    const before = values((time) => time <= flowStart && time > flowStart - BEFORE_MS);
    return before[Math.floor((before.length - 1) / 2)] ?? values((time) => time > flowStart)[0] ?? null;
  }

  /** Drops base assets without a recent sample. */
  forget(now: number): void {
    for (const [symbol, own] of this.#samples) if ((own.at(-1)?.[0] ?? 0) < now - KEPT_MS) this.#samples.delete(symbol);
  }

  snapshot(): VolatilitySamples {
    return Object.fromEntries(this.#samples);
  }

  restore(samples: VolatilitySamples): void {
    for (const [symbol, own] of Object.entries(samples)) this.#samples.set(symbol, [...own]);
  }
}
