import type { Config } from "../config.ts";
import { MINUTE_MS, SECOND_MS, floorTo } from "../windows/calendar.ts";
import { LATE_FRAMES_MS } from "../lateness.ts";
import type { FollowedFlush } from "./open-flush.ts";
import { type FlowEvent, RecentFlow } from "./recent-flow.ts";

export interface SpikeWatchLimits {
  /** The liquidations of a burst are collected this long before it is judged, ms. */
  readonly collectMs: number;
  /** Time between two requests, ms. */
  readonly spacingMs: number;
  /** A window that was no spike can become one only by new liquidations: by this share of it, or it waits for its minute. */
  readonly minNewShare: number;
  /** A window that has not risen may be a spike by its rank: it is judged again when it has grown by this share. */
  readonly minGrowth: number;
  /** How often a flush that may turn is judged, ms. */
  readonly followMs: number;
}

/** Those of the hub. */
export const SPIKE_WATCH_LIMITS: SpikeWatchLimits = {
  collectMs: SECOND_MS,
  spacingMs: 3 * SECOND_MS,
  minNewShare: 0.01,
  minGrowth: 0.1,
  followMs: 5 * SECOND_MS,
};

/** What of the spike rule is known here. */
export interface SpikeWatchRule {
  /** The minimum of a spike, USD. */
  readonly floorUsd: number;
  /** 0.5 means a rise of 50 %. */
  readonly threshold: number;
  readonly windowMinutes: number;
}

export function spikeWatchRule(config: Config): SpikeWatchRule {
  return {
    floorUsd: config.LIQUIDATION_SPIKE_FLOOR_USD,
    threshold: config.LIQUIDATION_THRESHOLD,
    windowMinutes: config.LIQUIDATION_COMPARISON_WINDOW,
  };
}

/** The windows of the rule count covered venues alone, so a rise somewhat below its threshold may be one. */
const CLEARLY_BELOW = 0.9;

/** The base assets to judge at once. */
export interface JudgeRequest {
  /** Those with new liquidations. */
  readonly bursts: readonly string[];
  /** Those whose decided flush may have turned. */
  readonly flushes: readonly string[];
}

const NOTHING_TO_JUDGE: JudgeRequest = { bursts: [], flushes: [] };

export function isEmpty({ bursts, flushes }: JudgeRequest): boolean {
  return bursts.length + flushes.length === 0;
}

/** The minute that is judged where a decision is made before it: the next one, whose windows are still growing. */
export function nextMinute(now: number): number {
  return floorTo(now, MINUTE_MS) + MINUTE_MS;
}

/**
 * Notices when liquidations may have made a spike, so that the rule is applied within seconds instead of at the next
 * minute. It is only a filter: what it lets through is judged by the rule, what it misses by the run of the minute.
 *
 * A base asset is let through when its window, both sides together, holds the floor and a hundredth of that is new, and
 * it rose by the threshold against the window before, or that window is not known yet. One that has not risen may be a spike by its
 * rank alone, which is not known here: it is let through when it grew by a tenth since it was last judged, as every minute does.
 *
 * In the last 5 s of a minute nothing is: its windows end before them, and those of the next minute begin to be judged
 * with it.
 *
 * The flush of a decided spike is let through every 5 s while it may turn, which no liquidation announces: its flow is
 * exhausted, and the move that the liquidations showed is at least half of a large one.
 */
export class SpikeWatch {
  readonly #rule: SpikeWatchRule;
  readonly #limits: SpikeWatchLimits;
  readonly #symbols = new Map<string, RecentFlow>();
  /** The base assets that wait for their request. */
  readonly #waiting = new Set<string>();
  readonly #flushes = new Map<string, FollowedFlush>();
  #waitingSince = 0;
  #followedTime = 0;
  #lastRequest = 0;
  /** The time of the earliest liquidation that became known, ms. */
  #since = Infinity;

  constructor(rule: SpikeWatchRule, limits = SPIKE_WATCH_LIMITS) {
    this.#rule = rule;
    this.#limits = limits;
  }

  /**
   * Takes in a liquidation.
   * @param now when it became known, ms
   */
  add(event: FlowEvent, now: number): void {
    const { symbol } = event;
    this.#since = Math.min(this.#since, event.event_time);
    let recent = this.#symbols.get(symbol);
    if (recent === undefined) this.#symbols.set(symbol, (recent = new RecentFlow(this.#rule.windowMinutes)));
    if (!recent.add(event, now) || !this.#mayBeSpike(recent, now)) return;
    if (this.#waiting.size === 0) this.#waitingSince = now;
    this.#waiting.add(symbol);
  }

  /**
   * Follows the flushes of decided spikes until they turn.
   * @param judged by base asset that was judged: its open flush, or null where it has none (any more)
   */
  follow(judged: ReadonlyMap<string, FollowedFlush | null>, now: number): void {
    if (this.#flushes.size === 0) this.#followedTime = now;
    for (const [symbol, flush] of judged) {
      if (flush === null) this.#flushes.delete(symbol);
      else this.#flushes.set(symbol, flush);
    }
  }

  /** The time of the next request, or of the next look at the flushes, ms; null where nothing waits for one. */
  get requestTime(): number | null {
    const next = Math.min(this.#burstTime, this.#flushTime);
    if (next === Infinity) return null;
    const time = Math.max(next, this.#lastRequest + this.#limits.spacingMs);
    const intoMinute = time - floorTo(time, MINUTE_MS);
    return intoMinute >= MINUTE_MS - LATE_FRAMES_MS ? nextMinute(time) : time;
  }

  /** Collecting ends early where the last 5 s of the minute begin, so that what is in its windows does not wait for the next. */
  get #burstTime(): number {
    if (this.#waiting.size === 0) return Infinity;
    const collected = this.#waitingSince + this.#limits.collectMs;
    const windowsEnd = nextMinute(this.#waitingSince) - LATE_FRAMES_MS;
    return this.#waitingSince < windowsEnd ? Math.min(collected, windowsEnd - 1) : collected;
  }

  get #flushTime(): number {
    return this.#flushes.size === 0 ? Infinity : this.#followedTime + this.#limits.followMs;
  }

  /** What to judge now; nothing before the time of the next request, nor where no flush may turn. */
  take(now: number): JudgeRequest {
    const time = this.requestTime;
    if (time === null || now < time) return NOTHING_TO_JUDGE;
    const bursts = this.#burstTime <= now ? [...this.#waiting].toSorted() : [];
    if (bursts.length > 0) this.#waiting.clear();
    for (const symbol of bursts) {
      this.#symbols.get(symbol)?.judged(now);
    }
    const flushes = this.#flushTime <= now ? this.#turning(now).toSorted() : [];
    if (bursts.length + flushes.length > 0) this.#lastRequest = now;
    return { bursts, flushes };
  }

  #mayBeSpike(recent: RecentFlow, now: number): boolean {
    const { minGrowth, minNewShare } = this.#limits;
    const { current, before } = recent.windows(now);
    const sum = current.long + current.short;
    if (sum < this.#rule.floorUsd || recent.added < minNewShare * sum) return false;
    const isKnown = now - this.#since >= 2 * this.#rule.windowMinutes * MINUTE_MS;
    if (!isKnown || sum >= (1 + minGrowth) * recent.judgedUsd) return true;
    return (
      this.#hasRisen(current.long, before.long) ||
      this.#hasRisen(current.short, before.short) ||
      this.#hasRisen(sum, before.long + before.short)
    );
  }

  #hasRisen(usd: number, before: number): boolean {
    return usd >= this.#rule.floorUsd && usd >= CLEARLY_BELOW * (1 + this.#rule.threshold) * before;
  }

  /** The base assets whose flush may turn; flushes whose cool-down is over are followed no longer. */
  #turning(now: number): readonly string[] {
    this.#followedTime = now;
    for (const [symbol, { end_time: end }] of this.#flushes) if (nextMinute(now) >= end) this.#flushes.delete(symbol);
    return [...this.#flushes.values()].filter((flush) => this.#symbols.get(flush.symbol)?.mayTurn(flush, now)).map(({ symbol }) => symbol);
  }
}
