import type { CascadeTransition } from "../cascade/cascade-record.ts";
import type { Flow } from "../cascade/flow.ts";
import type { HubEvent } from "../cascade/hub-event.ts";
import { ReplayedHub } from "../cascade/replayed-hub.ts";
import { FORECAST_FEATURES, writeFeatures } from "../cascade-forecast/forecast-features.ts";
import { FORECAST_HORIZON_MS, FORECAST_SPACING_MS } from "../cascade-forecast/forecast-model.ts";
import { ForecastState } from "../cascade-forecast/forecast-state.ts";
import { RecentCoverage } from "../cascade-forecast/recent-coverage.ts";
import { sideStates } from "../cascade-forecast/side-states.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { CascadeStart, ForecastRow } from "./forecast-row.ts";

/** Beyond these, half of the rows that no cascade followed is dropped, and the rest counts twice. */
const MAX_ROWS = 60_000;
/** 2^32 times the golden ratio: neighbours in time are spread evenly. */
const SPREAD = 2_654_435_769;

/** A row whose outcome is not known yet. */
type OpenRow = Omit<ForecastRow, "cascadeTime" | "weight">;

/** Collects what the hub knew at stored liquidations and what followed, as the live hub forecasts and grades. */
export class ForecastCollector {
  readonly starts: CascadeStart[] = [];
  readonly #wanted: TimeRange;
  readonly #isCovered: (range: TimeRange) => boolean;
  readonly #coverage: RecentCoverage;
  readonly #hub: ReplayedHub;
  readonly #state: ForecastState;
  readonly #open = new Map<string, OpenRow[]>();
  readonly #started = new Set<string>();
  #rows: ForecastRow[] = [];
  #followed: ForecastRow[] = [];
  /** One in 2^halvings of the rows without a cascade is kept. */
  #halvings = 0;
  #notCovered = 0;

  /**
   * @param wanted the time to collect, ms; before it everything only builds up history
   * @param isCovered whether enough venues were connected in a range for what followed to be known
   */
  constructor(wanted: TimeRange, isCovered: (range: TimeRange) => boolean) {
    this.#wanted = wanted;
    this.#isCovered = isCovered;
    this.#coverage = new RecentCoverage(isCovered);
    this.#hub = new ReplayedHub({
      isCovered,
      transition: (one, time) => this.#note(one, time),
      observed: (event, flow) => this.#observed(event, flow),
    });
    this.#state = new ForecastState({
      velocityQuantile: (symbol, side, share) => this.#hub.baselineOf(symbol, side).velocityQuantile(share),
      medianEvents1m: (symbol, side) => this.#hub.baselineOf(symbol, side).medianEvents1m,
    });
  }

  /** Rows without features or an outcome, because too few venues were connected before or after them. */
  get notCovered(): number {
    return this.#notCovered;
  }

  observe(event: HubEvent): void {
    if (event.coverage !== "inferred") this.#hub.observe(event);
  }

  /** Advances the time without a liquidation, ms. */
  advance(time: number): void {
    this.#hub.advance(time);
  }

  /** The rows whose outcome is known by a time, ms, in the order of time. */
  rowsBy(time: number): readonly ForecastRow[] {
    for (const key of this.#open.keys()) this.#close(key, time);
    return [...this.#rows, ...this.#followed].toSorted((a, b) => a.time - b.time || (a.symbol + a.side < b.symbol + b.side ? -1 : 1));
  }

  #observed(event: HubEvent, flow: Flow): void {
    const { symbol, position_side: side, received_time: time } = event;
    const states = sideStates(this.#hub.machine, symbol, side);
    const input = this.#state.observe(event, flow, states);
    if (states.isRunning || time < this.#wanted.start || time >= this.#wanted.end) return;
    const key = `${symbol}|${side}`;
    this.#close(key, time);
    const open = this.#open.get(key) ?? [];
    if (time - (open.at(-1)?.time ?? -Infinity) < FORECAST_SPACING_MS) return;
    if (!this.#coverage.at(time)) {
      this.#notCovered += 1;
      return;
    }
    const features = new Float64Array(FORECAST_FEATURES.length);
    writeFeatures(input, features);
    this.#open.set(key, [...open, { symbol, side, time, features }]);
  }

  #note({ kind, record: { symbol, position_side: side, cascade_id: id } }: CascadeTransition, time: number): void {
    // A cascade that resumes has the same id again.
    if (kind !== "started" || this.#started.has(id)) return;
    this.#started.add(id);
    this.#state.started(symbol, side, time);
    if (time < this.#wanted.start || time >= this.#wanted.end) return;
    this.starts.push({ symbol, side, time });
    const key = `${symbol}|${side}`;
    this.#close(key, time);
    for (const row of this.#open.get(key) ?? [])
      if (row.time < time && this.#isKnown(row)) this.#followed.push({ ...row, cascadeTime: time, weight: 1 });
    this.#open.delete(key);
  }

  /** Rows whose horizon is over: no cascade followed them. */
  #close(key: string, now: number): void {
    const open = this.#open.get(key) ?? [];
    const over = open.filter(({ time }) => time + FORECAST_HORIZON_MS < now);
    if (over.length === 0) return;
    this.#open.set(key, open.slice(over.length));
    for (const row of over)
      if (this.#isKnown(row) && this.#isKept(row)) this.#rows.push({ ...row, cascadeTime: null, weight: 2 ** this.#halvings });
    while (this.#rows.length > MAX_ROWS) this.#halve();
  }

  #isKnown({ time }: OpenRow): boolean {
    const isKnown = this.#isCovered({ start: time, end: time + FORECAST_HORIZON_MS });
    if (!isKnown) this.#notCovered += 1;
    return isKnown;
  }

  #isKept({ time }: OpenRow): boolean {
    return this.#halvings === 0 || (Math.imul(Math.floor(time) % 0x1_0000_0000, SPREAD) >>> 0) >>> (32 - this.#halvings) === 0;
  }

  #halve(): void {
    this.#halvings += 1;
    this.#rows = this.#rows.filter((row) => this.#isKept(row)).map((row) => ({ ...row, weight: 2 ** this.#halvings }));
  }
}
