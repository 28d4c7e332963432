import type { Baseline } from "../../src/cascade/cross-venue-fields.ts";
import { fitHawkes, type HawkesFit } from "../../src/hawkes/hawkes-fit.ts";
import { fittingTimes } from "../../src/hawkes/spread-batches.ts";
import type { Liquidation, PositionSide } from "../../src/liquidation.ts";
import { SideBaseline } from "../../src/quantiles/side-baseline.ts";
import { writeLog } from "../../src/log.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";

const KEPT_MS = 7 * DAY_MS;
const FITS_AT_ONCE = 4;

/** The flow of one symbol and side at a moment. */
export interface FlowSample {
  readonly symbol: string;
  readonly side: PositionSide;
  readonly velocity: number;
  readonly cumUsd5m: number;
}

/** A liquidation, reduced to what the Hawkes fit needs. */
export type TimedEvent = Pick<Liquidation, "exchange" | "event_time">;
export type EventTimes = (symbol: string, side: PositionSide) => Promise<readonly TimedEvent[]>;

type Row = { key: string; hour: number; velocity: string; cum_usd_5m: string };

/**
 * The last 7 days of each symbol and side: hourly quantile sketches, and the hourly Hawkes fit. A side without flow for
 * 7 days is forgotten; with `*` there are hundreds of base assets, of which many come and go.
 */
export class HubBaselines {
  readonly #sql: SqlStorage;
  readonly #sides = new Map<string, SideBaseline>();
  readonly #fits = new Map<string, HawkesFit>();
  readonly #collectingSince: number;
  #sampleTime = 0;
  #fitTime: number;
  #toFit: string[] = [];

  /** @param collectingSince time since which events could have been collected, ms */
  constructor(sql: SqlStorage, collectingSince: number) {
    this.#sql = sql;
    this.#collectingSince = collectingSince;
    for (const { key, hour, velocity, cum_usd_5m } of this.#sql.exec<Row>("SELECT * FROM sketches ORDER BY hour")) {
      this.#side(key).restore({ hour, velocity: JSON.parse(velocity), cumUsd5m: JSON.parse(cum_usd_5m) });
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
      velocity: (value) => past.velocity(value),
      cumUsd5m: (value) => past.cumUsd5m(value),
      branchingRatio: this.#fits.get(keyOf(symbol, side))?.branchingRatio ?? null,
    };
  }

  /** The velocity in USD/s that this share of the last 7 days lies below. */
  velocityQuantile(symbol: string, side: PositionSide, quantile: number): number {
    return this.#side(keyOf(symbol, side)).velocityQuantile(quantile);
  }

  /** Samples the flow, once per minute whatever happens, so that quiet time counts as much as busy time. */
  sample(now: number, samples: () => readonly FlowSample[]): void {
    if (now - this.#sampleTime < MINUTE_MS) return;
    this.#sampleTime = now;
    const seen = new Map(samples().map((sample) => [keyOf(sample.symbol, sample.side), sample]));
    for (const key of seen.keys()) this.#side(key);
    for (const [key, side] of this.#sides) {
      const flow = seen.get(key);
      side.sample(flow?.velocity ?? 0, flow?.cumUsd5m ?? 0, now);
      if (flow === undefined && side.isSilent) {
        this.#forget(key);
        continue;
      }
      const { hour, velocity, cumUsd5m } = side.hourOf(now);
      const kept = "INSERT OR REPLACE INTO sketches (key, hour, velocity, cum_usd_5m) VALUES (?, ?, ?, ?)";
      this.#sql.exec(kept, key, hour, JSON.stringify(velocity), JSON.stringify(cumUsd5m));
    }
    this.#sql.exec("DELETE FROM sketches WHERE hour <= ?", now - KEPT_MS);
  }

  /**
   * Refits the branching ratios on the last 24 h, once per hour, some sides at a time, because a fit takes up to 0.1 s.
   */
  async refit(now: number, eventTimes: EventTimes): Promise<void> {
    if (now - this.#fitTime >= HOUR_MS) {
      this.#fitTime = now;
      this.#toFit = [...this.#sides.keys()];
    }
    for (const key of this.#toFit.splice(0, FITS_AT_ONCE)) {
      const [symbol = "", side] = key.split("|");
      const events = await eventTimes(symbol, side === "short" ? "short" : "long");
      this.#keepFit(key, fitHawkes(fittingTimes(events), Math.max(this.#collectingSince, now - DAY_MS), now), now);
    }
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
