import type { Config } from "../config.ts";
import { publishingVenues } from "../exchanges/coverage.ts";
import { signalId } from "../signals/signal-id.ts";
import { type EarlierSpike, type SpikeDecision, judgeSpike, spikeSettings } from "../signals/spike-rule.ts";
import { MAX_BUSIEST_SYMBOLS } from "../windows/busiest-symbols.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow } from "../windows/symbol-window.ts";
import { type Window, windowOfMinutes, windowRanges, windowsWith } from "../windows/window.ts";
import type { ReplayAnalyst } from "./analyst.ts";
import { KnownEvents } from "./known-events.ts";
import type { KnownGaps } from "./known-gaps.ts";
import type { MarkBook } from "./mark-book.ts";
import { QuarterHourHistory } from "./quarter-hour-history.ts";
import { type Known, readSides, readWindow } from "./read-window.ts";
import type { ReplayedEvent } from "./replayed-event.ts";
import { ReplayedLedger } from "./replayed-ledger.ts";
import { spikeInput } from "./spike-input.ts";

/**
 * A symbol below the floor on both sides together cannot be a spike; the margin allows for sums rounded in another
 * order.
 */
const CLEARLY_UNDER = 0.999;

export interface ReplaySettings {
  readonly config: Config;
  /**
   * Minutes that the spike rule is applied to, ms. Before them events only build up history, after them grades are
   * given.
   */
  readonly judged: TimeRange;
  readonly gaps: KnownGaps;
  readonly marks: MarkBook;
  /** Whether `marks` is filled from the mark prices of the events. */
  readonly marksFromEvents: boolean;
  readonly analyst: ReplayAnalyst;
}

export interface ReplayCounts {
  /** Number of events that became known, and of events that D1 would not have accepted. */
  events: number;
  repeated: number;
  too_old: number;
  /** Number of known events in the judged range. */
  in_range: number;
  /** Number of applications of the rule, one per symbol and minute, by result. */
  readonly outcomes: Record<SpikeDecision["outcome"], number>;
}

/**
 * The live agent, driven by events: each minute it takes in the events that became known before it, then does the work
 * of the live cron run in the same order. A run knows an event that was received before its scheduled minute, that is,
 * up to 5 s after the end of the windows, because a live run has the feeds store everything first. A later event
 * corrects the windows of later runs.
 */
export class Replay {
  readonly counts: ReplayCounts = {
    events: 0,
    repeated: 0,
    too_old: 0,
    in_range: 0,
    outcomes: { spike: 0, quiet: 0, cooling_down: 0 },
  };
  readonly ledger = new ReplayedLedger();
  /** Spikes without a verdict of the analyst. */
  readonly unanswered: string[] = [];
  readonly #settings: ReplaySettings;
  readonly #events: KnownEvents;
  readonly #quarterHours: QuarterHourHistory;
  readonly #compared: Window;
  readonly #windows: readonly Window[];
  readonly #longestMs: number;
  readonly #spikes = new Map<string, EarlierSpike>();

  constructor(settings: ReplaySettings) {
    const { config } = settings;
    this.#settings = settings;
    this.#events = new KnownEvents(config.LIQUIDATION_LOCAL_RETENTION_HOURS);
    this.#quarterHours = new QuarterHourHistory(publishingVenues(config));
    this.#compared = windowOfMinutes(config.LIQUIDATION_COMPARISON_WINDOW);
    this.#windows = windowsWith(this.#compared);
    this.#longestMs = Math.max(...this.#windows.map(({ lengthMs }) => lengthMs));
  }

  /**
   * Runs one minute. Minutes come in order, without omissions.
   * @param received the events received since the previous minute, in the order of `byReceipt`
   */
  async run(minute: number, received: readonly ReplayedEvent[]): Promise<void> {
    const { judged, gaps, marks } = this.#settings;
    for (const event of received) this.#take(event, minute);
    this.#quarterHours.advance(minute, this.#events, gaps);
    if (minute >= judged.start && minute < judged.end) await this.#judge(minute);
    this.ledger.grade(minute, marks);
    this.#events.forget(minute);
    marks.forget(minute);
  }

  /** The windows of one symbol as read by a run at `minute`: the standard ones and the compared one. */
  symbolWindows(symbol: string, minute: number): readonly SymbolWindow[] {
    const known = this.#known(minute);
    return this.#windows.map((window) => readWindow(known, symbol, window, minute));
  }

  #take(event: ReplayedEvent, minute: number): void {
    // Sums do not include inferred events, as live.
    if (event.coverage === "inferred") return;
    const { judged, marks, marksFromEvents } = this.#settings;
    const outcome = this.#events.add(event, minute);
    if (outcome !== "added") {
      this.counts[outcome] += 1;
      return;
    }
    this.counts.events += 1;
    if (event.event_time >= judged.start && event.event_time < judged.end) this.counts.in_range += 1;
    if (marksFromEvents) marks.see(event);
  }

  async #judge(minute: number): Promise<void> {
    const known = this.#known(minute);
    const inputs = [];
    for (const symbol of this.#judgedSymbols(minute)) {
      const decision = this.#apply(known, symbol, minute);
      this.counts.outcomes[decision?.outcome ?? "quiet"] += 1;
      if (decision?.outcome !== "spike") continue;
      const symbolWindows = this.#windows.map((window) => readWindow(known, symbol, window, minute));
      const symbolWindow = symbolWindows.find(({ window }) => window === this.#compared.name);
      if (symbolWindow === undefined) throw new RangeError(`no statistics of window ${this.#compared.name}`);
      const { marks, config } = this.#settings;
      inputs.push(spikeInput({ known, marks, config, symbolWindow, symbolWindows, decision }));
      this.#spikes.set(symbol, { minute, severity_usd: decision.severity_usd });
    }
    // In the order in which the live agent handles the spikes of a minute.
    for (const input of inputs.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))) {
      const judgement = this.#settings.analyst(input);
      if (judgement === null) this.unanswered.push(signalId(input.symbol, input.window, minute));
      else await this.ledger.add(input, judgement);
    }
  }

  /** Null where the symbol is clearly below the floor. */
  #apply(known: Known, symbol: string, minute: number): SpikeDecision | null {
    const { config } = this.#settings;
    const settings = spikeSettings(config);
    const { current } = windowRanges(this.#compared.lengthMs, minute);
    const { long, short } = this.#events.minutes(symbol).usd(current);
    if ((long ?? 0) + (short ?? 0) < settings.floorUsd * CLEARLY_UNDER) return null;
    const symbolWindow = readSides(known, symbol, this.#compared, minute);
    const earlier = this.#spikes.get(symbol);
    const inCooldown = earlier !== undefined && earlier.minute >= minute - settings.cooldownMinutes * MINUTE_MS ? earlier : null;
    return judgeSpike(symbolWindow, settings, inCooldown);
  }

  #judgedSymbols(minute: number): readonly string[] {
    const { LIQUIDATION_SYMBOLS: symbols } = this.#settings.config;
    if (symbols !== "*") return [...symbols];
    return this.#events.busiest({ start: minute - this.#compared.lengthMs, end: minute }, MAX_BUSIEST_SYMBOLS);
  }

  #known(minute: number): Known {
    const whole = windowRanges(this.#longestMs, minute);
    return {
      events: this.#events,
      quarterHours: this.#quarterHours,
      gaps: this.#settings.gaps.overlapping({ start: whole.previous.start, end: whole.current.end }, minute),
      longestMs: this.#longestMs,
    };
  }
}
