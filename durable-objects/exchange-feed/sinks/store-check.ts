import type { Config } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { StoreComparison } from "../../../src/refill.ts";
import type { Sink } from "../../../src/sink.ts";
import type { Log } from "../../../src/log.ts";
import { messageOf } from "../../../src/message-of.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import type { HourCounts } from "../journal/hour-counts.ts";

/** A store that was restored to an earlier time lacks its newest rows, so that they are compared most often. */
const SHORT_MS = HOUR_MS;
/** A day less than the minute totals are kept. */
const LONG_MS = 7 * DAY_MS;

interface Dependencies {
  readonly exchange: ExchangeName;
  readonly hours: HourCounts;
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Compares what a store holds with what it acknowledged: the last hours each minute, and the last week each hour, after
 * a difference, and for as long as there is one.
 */
export class StoreCheck<Env> {
  readonly #sink: Sink<Env>;
  readonly #deps: Dependencies;
  #nextTime = 0;
  #nextLongTime = 0;
  #newest: StoreComparison | null = null;
  #running = false;

  constructor(sink: Sink<Env>, deps: Dependencies) {
    this.#sink = sink;
    this.#deps = deps;
  }

  /** The newest comparison over a week; null before the first one, or where the store cannot be asked. */
  get newest(): StoreComparison | null {
    return this.#newest;
  }

  /** Never rejects: a store that does not respond is compared again in a minute. */
  async run(env: Env, config: Config): Promise<void> {
    const { now, log, exchange } = this.#deps;
    const time = now();
    if (this.#running || (time < this.#nextTime && this.#nextTime - time <= MINUTE_MS)) return;
    this.#running = true;
    this.#nextTime = time + MINUTE_MS;
    try {
      const short = await this.#compare(env, config, time, SHORT_MS);
      const isDue = time >= this.#nextLongTime || (this.#newest?.missing_rows ?? 0) > 0 || (short?.missing_rows ?? 0) > 0;
      if (!isDue) return;
      this.#newest = await this.#compare(env, config, time, LONG_MS);
      this.#nextLongTime = time + HOUR_MS;
      if ((this.#newest?.missing_rows ?? 0) > 0) log({ event: "store_lacks_rows", sink: this.#sink.name, ...this.#newest });
    } catch (error) {
      log({ event: "store_not_compared", exchange, sink: this.#sink.name, error: messageOf(error) });
    } finally {
      this.#running = false;
    }
  }

  async #compare(env: Env, config: Config, time: number, lengthMs: number): Promise<StoreComparison | null> {
    const { exchange, hours } = this.#deps;
    const range = this.#range(time, lengthMs);
    if (this.#sink.heldRows === undefined || range.start >= range.end) return null;
    // Before the store is asked: rows that it acknowledges meanwhile cannot be missing.
    const acknowledged = hours.acknowledged(this.#sink.name, range);
    const held = await this.#sink.heldRows(env, config, exchange, range);
    return {
      time,
      from_time: range.start,
      to_time: range.end,
      acknowledged_rows: acknowledged,
      held_rows: held,
      missing_rows: Math.max(0, acknowledged - held),
    };
  }

  /** Whole hours. In the one in which counting began the store may have more rows than were counted, which is no loss. */
  #range(time: number, lengthMs: number): TimeRange {
    const start = Math.max(floorTo(time, HOUR_MS) - lengthMs, floorTo(this.#deps.hours.countedFrom, HOUR_MS));
    return { start, end: floorTo(time, HOUR_MS) + HOUR_MS };
  }
}
