import type { Baseline } from "../../src/cascade/cross-venue-fields.ts";
import type { Flow } from "../../src/cascade/flow.ts";
import type { HubEvent } from "../../src/cascade/hub-event.ts";
import { fitHawkes, type HawkesFit } from "../../src/hawkes/hawkes-fit.ts";
import { fittingTimes } from "../../src/hawkes/spread-batches.ts";
import type { ExchangeName, Liquidation, PositionSide } from "../../src/liquidation.ts";
import { SideBaseline } from "../../src/quantiles/side-baseline.ts";
import { writeLog } from "../../src/log.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";

const KEPT_MS = 7 * DAY_MS;
/** In one run, so that liquidations do not wait for long: a fit takes up to some hundred milliseconds. */
const MAX_FITS = 2;
/** Most sides have too few liquidations to fit: so many are looked at in one run. */
const MAX_LOOKED_AT = 6;
/** A side without a fit does not wait for the hour: it is looked at again after as many liquidations, half of those a fit needs. */
const LOOK_AGAIN_EVENTS = 100;
/** And no sooner than this, since some sides never settle however busy they are. */
const LOOK_AGAIN_MS = 5 * MINUTE_MS;

/** The flow of one symbol and side at a moment. */
export interface FlowSample {
  readonly symbol: string;
  readonly side: PositionSide;
  readonly velocity: number;
}

/** A liquidation, reduced to what the Hawkes fit needs. */
export type TimedEvent = Pick<Liquidation, "exchange" | "event_time">;
export type EventTimes = (symbol: string, side: PositionSide) => Promise<readonly TimedEvent[]>;

/** What the Hawkes fits are made of. */
export interface FitSources {
  /** The events of venues that report every liquidation, of the last 24 h. */
  readonly eventTimes: EventTimes;
  /** Those of these venues that were connected for long enough. */
  readonly venues: readonly ExchangeName[];
  /** When one of them was not connected, ms. */
  readonly gaps: readonly TimeRange[];
}

type Row = { key: string; hour: number; velocity: string; event_velocity: string; event_count: string };

/**
 * The last 7 days of each symbol and side: hourly quantile sketches of covered time, and the Hawkes fit. A side
 * without flow for 7 days is forgotten; with `*` there are hundreds of base assets, of which many come and go.
 */
export class HubBaselines {
  readonly #sql: SqlStorage;
  readonly #sides = new Map<string, SideBaseline>();
  readonly #fits = new Map<string, HawkesFit>();
  readonly #collectingSince: number;
  #sampleTime = 0;
  #isCovered = true;
  #fitTime: number;
  #toFit: string[] = [];
  /** Liquidations of each side without a fit since it was last looked at. */
  readonly #unfitted = new Map<string, number>();
  #lookedAgainTime = 0;

  /** @param collectingSince time since which events could have been collected, ms */
  constructor(sql: SqlStorage, collectingSince: number) {
    this.#sql = sql;
    this.#collectingSince = collectingSince;
    for (const row of this.#sql.exec<Row>("SELECT * FROM sketches ORDER BY hour")) {
      this.#side(row.key).restore({
        hour: row.hour,
        velocity: JSON.parse(row.velocity),
        eventVelocity: JSON.parse(row.event_velocity),
        eventCount: JSON.parse(row.event_count),
      });
    }
    for (const { key, fit } of this.#sql.exec<{ key: string; fit: string }>("SELECT key, fit FROM fits")) {
      this.#fits.set(key, JSON.parse(fit) as HawkesFit);
    }
    this.#fitTime = this.#sql.exec<{ time: number | null }>("SELECT max(time) AS time FROM fits").one().time ?? collectingSince;
  }

  /** Number of sides in memory. */
  get size(): number {
    return this.#sides.size;
  }

  of(symbol: string, side: PositionSide): Baseline {
    const past = this.#side(keyOf(symbol, side));
    return {
      medianVelocity: past.medianVelocity,
      medianEvents1m: past.medianEvents1m,
      hawkes: this.#fits.get(keyOf(symbol, side)) ?? null,
    };
  }

  /** The median number of liquidations in the minute that ends with one. */
  medianEvents1m(symbol: string, side: PositionSide): number {
    return this.#side(keyOf(symbol, side)).medianEvents1m;
  }

  /** The velocity in USD/s that this share of the last 7 days lies below. */
  velocityQuantile(symbol: string, side: PositionSide, quantile: number): number {
    return this.#side(keyOf(symbol, side)).velocityQuantile(quantile);
  }

  /**
   * Samples the flow, once per minute whatever happens, so that quiet time counts as much as busy time. A minute in which too
   * few venues were connected counts as neither, and nor do its liquidations.
   */
  sample(now: number, isCovered: boolean, samples: () => readonly FlowSample[]): void {
    if (now - this.#sampleTime < MINUTE_MS) return;
    this.#sampleTime = now;
    this.#isCovered = isCovered;
    this.#sql.exec("DELETE FROM sketches WHERE hour <= ?", now - KEPT_MS);
    if (!isCovered) return;
    const seen = new Map(samples().map((sample) => [keyOf(sample.symbol, sample.side), sample]));
    for (const key of seen.keys()) this.#side(key);
    for (const [key, side] of this.#sides) {
      const flow = seen.get(key);
      side.sample(flow?.velocity ?? 0, now);
      if (flow === undefined && side.isSilent) this.#forget(key);
      else this.#keepHour(key, side, now);
    }
  }

  /** Takes a new liquidation into the medians of its side. */
  noteEvent({ symbol, position_side, received_time }: HubEvent, { velocity, events1m }: Pick<Flow, "velocity" | "events1m">): void {
    const key = keyOf(symbol, position_side);
    if (!this.#fits.has(key)) this.#unfitted.set(key, (this.#unfitted.get(key) ?? 0) + 1);
    if (this.#isCovered) this.#side(key).noteEvent(velocity, events1m, received_time);
  }

  #keepHour(key: string, side: SideBaseline, now: number): void {
    const { hour, velocity, eventVelocity, eventCount } = side.hourOf(now);
    this.#sql.exec(
      "INSERT OR REPLACE INTO sketches (key, hour, velocity, event_velocity, event_count) VALUES (?, ?, ?, ?, ?)",
      key,
      hour,
      JSON.stringify(velocity),
      JSON.stringify(eventVelocity),
      JSON.stringify(eventCount),
    );
  }

  /**
   * Refits the branching ratios on the last 24 h, once per hour, some sides at a time. A busy side without a fit comes sooner, so
   * that a new hub does not go an hour without any.
   */
  async refit(now: number, { eventTimes, venues, gaps }: FitSources): Promise<void> {
    if (now - this.#fitTime >= HOUR_MS) {
      this.#fitTime = now;
      this.#toFit = [...this.#sides.keys()];
    }
    this.#lookAgain(now);
    const observed = { start: Math.max(this.#collectingSince, now - DAY_MS), end: now };
    for (let [looked, fits] = [0, 0]; looked < MAX_LOOKED_AT && fits < MAX_FITS; looked += 1) {
      const key = this.#toFit.shift();
      if (key === undefined) return;
      this.#unfitted.delete(key);
      const [symbol = "", side] = key.split("|");
      const events = await eventTimes(symbol, side === "short" ? "short" : "long");
      const own = events.filter(({ exchange }) => venues.includes(exchange));
      const fit = fitHawkes(fittingTimes(own), observed, gaps);
      this.#keepFit(key, fit, now);
      if (fit !== null) fits += 1;
    }
  }

  #lookAgain(now: number): void {
    if (now - this.#lookedAgainTime < LOOK_AGAIN_MS) return;
    const busy = [...this.#unfitted].filter(([key, events]) => events >= LOOK_AGAIN_EVENTS && !this.#toFit.includes(key));
    if (busy.length === 0) return;
    this.#lookedAgainTime = now;
    this.#toFit.push(...busy.map(([key]) => key));
  }

  #keepFit(key: string, fit: HawkesFit | null, now: number): void {
    if (fit === null) {
      this.#fits.delete(key);
      this.#sql.exec("DELETE FROM fits WHERE key = ?", key);
      return;
    }
    this.#fits.set(key, fit);
    this.#sql.exec("INSERT OR REPLACE INTO fits (key, time, fit) VALUES (?, ?, ?)", key, now, JSON.stringify(fit));
    const { branchingRatio, standardError, events } = fit;
    writeLog("info", { event: "hawkes_fit", key, branching_ratio: branchingRatio, standard_error: standardError, events });
  }

  /** A side that was silent for all of its past says no more than one that was never seen. */
  #forget(key: string): void {
    this.#sides.delete(key);
    this.#fits.delete(key);
    this.#unfitted.delete(key);
    this.#sql.exec("DELETE FROM sketches WHERE key = ?", key);
    this.#sql.exec("DELETE FROM fits WHERE key = ?", key);
  }

  #side(key: string): SideBaseline {
    let side = this.#sides.get(key);
    if (side === undefined) {
      side = new SideBaseline(key.split("|")[0] ?? "");
      this.#sides.set(key, side);
    }
    return side;
  }
}

function keyOf(symbol: string, side: PositionSide): string {
  return `${symbol}|${side}`;
}
