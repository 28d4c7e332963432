import { exchanges } from "../exchanges/registry.ts";
import type { Gap } from "../gap.ts";
import type { CrossVenueFields, PositionSide } from "../liquidation.ts";
import { SideBaseline } from "../quantiles/side-baseline.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { CascadeMachine } from "./cascade-machine.ts";
import type { CascadeRecord, CascadeTransition } from "./cascade-record.ts";
import { CrossVenueState } from "./cross-venue-state.ts";
import type { Flow } from "./flow.ts";
import type { HubEvent } from "./hub-event.ts";

/** How often the hub advances the time, ms. */
const BEAT_MS = 10_000;
/** The velocity of a minute is that of this time before it, ms: it weighs what is older little. */
const SAMPLED_MS = 2 * MINUTE_MS;

export interface ReplayedHubOptions {
  /** Whether enough venues were connected in a range, ms: other minutes do not count in the baselines. Default: always. */
  isCovered?(range: TimeRange): boolean;
  /** @param time of the beat, or of the receipt of the liquidation that caused it, ms */
  transition?(transition: CascadeTransition, time: number): void;
  /** Called at the beat after late liquidations have changed an ended cascade. */
  revised?(record: CascadeRecord): void;
  /** Called for each new liquidation, after the cascade machine has seen it. */
  observed?(event: HubEvent, flow: Flow, hub: ReplayedHub): void;
}

/** The hub's own code over stored or simulated liquidations, in the order in which they were received. */
export class ReplayedHub {
  readonly machine: CascadeMachine;
  readonly #baselines = new Map<string, SideBaseline>();
  readonly #state: CrossVenueState;
  readonly #options: ReplayedHubOptions;
  #beat: number | null = null;
  #isCovered = true;

  constructor(options: ReplayedHubOptions = {}) {
    this.#options = options;
    this.machine = new CascadeMachine((symbol, side, quantile) => this.baselineOf(symbol, side).velocityQuantile(quantile));
    this.#state = new CrossVenueState({
      lagResolutionMs: (exchange) => exchanges[exchange].lagResolutionMs,
      baseline: (symbol, side) => {
        const { medianVelocity, medianEvents1m } = this.baselineOf(symbol, side);
        return { medianVelocity, medianEvents1m, hawkes: null };
      },
      cascadeOf: (event, flow, reader) => {
        const baseline = this.baselineOf(event.symbol, event.position_side);
        if (this.#isCovered) baseline.noteEvent(flow.velocity, flow.events1m, event.received_time);
        for (const one of this.machine.observe(event, flow, reader)) options.transition?.(one, event.received_time);
        options.observed?.(event, flow, this);
        return this.machine.cascadeOf(event);
      },
    });
  }

  /** The last seven days of a symbol and side. */
  baselineOf(symbol: string, side: PositionSide): SideBaseline {
    const key = `${symbol}|${side}`;
    let baseline = this.#baselines.get(key);
    if (baseline === undefined) this.#baselines.set(key, (baseline = new SideBaseline(symbol)));
    return baseline;
  }

  noteGap(gap: Gap): void {
    this.machine.noteGap(gap);
  }

  /** Takes in a liquidation that was not received before those of earlier calls. */
  observe(event: HubEvent): CrossVenueFields | undefined {
    this.advance(event.received_time);
    return this.#state.observe([event], event.received_time)[0];
  }

  /** Advances the time to this one, beat by beat. @param atBeat called before each beat */
  advance(time: number, atBeat?: (beat: number) => void): void {
    let beat = this.#beat ?? floorTo(time, MINUTE_MS);
    for (; beat <= time; beat += BEAT_MS) {
      atBeat?.(beat);
      for (const one of this.machine.tick(beat)) this.#options.transition?.(one, beat);
      for (const record of this.machine.takeRevised()) this.#options.revised?.(record);
      if (beat % MINUTE_MS === 0) this.#sample(beat);
    }
    this.#beat = beat;
  }

  #sample(time: number): void {
    this.#isCovered = this.#options.isCovered?.({ start: time - SAMPLED_MS, end: time }) ?? true;
    if (!this.#isCovered) return;
    const flows = new Map(this.#state.sample(time).map(({ symbol, side, velocity }) => [`${symbol}|${side}`, velocity]));
    for (const [key, baseline] of this.#baselines) baseline.sample(flows.get(key) ?? 0, time);
  }
}
