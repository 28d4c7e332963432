import type { Config } from "../config.ts";
import { signalId } from "../signals/signal-id.ts";
import { type FlushFlow, type FollowedFlush, flushOf, flushSide, followed, mayBeTurn, openFlush, turnOf } from "../signals/open-flush.ts";
import type { ServedRules } from "../signals/rule-model-file.ts";
import type { SignalInput } from "../signals/signal-input.ts";
import { SpikeWatch, isEmpty, nextMinute, spikeWatchRule } from "../signals/spike-watch.ts";
import { type EarlierSpike, type SpikeDecision, type SpikeSettings, judgeSpike, mayBeSpike, spikeSettings } from "../signals/spike-rule.ts";
import { type Trigger, spikeTrigger } from "../signals/trigger.ts";
import type { Analyst } from "../signals/verdict.ts";
import { MAX_BUSIEST_SYMBOLS } from "../windows/busiest-symbols.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { EarlierWindows } from "../windows/percentile.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow } from "../windows/symbol-window.ts";
import { type Window, windowOfMinutes, windowRanges, windowsWith } from "../windows/window.ts";
import type { ReplayAnalyst } from "./analyst.ts";
import type { KnownGaps } from "./known-gaps.ts";
import type { MarkBook, SymbolMark } from "./mark-book.ts";
import { type Known, readEarlier } from "./read-window.ts";
import type { ReplayedEvent } from "./replayed-event.ts";
import { ReplayedHistory } from "./replayed-history.ts";
import { ReplayedLedger } from "./replayed-ledger.ts";
import { runMinute, type SteppedReplay } from "./run-minute.ts";
import { type EventCounts, type KnownAt, ReplayedMarket } from "./replayed-market.ts";
import { flushFlow, spikeInput } from "./spike-input.ts";

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
  /** The trained rule model that decides beside the analyst, or is it; today's rules unless given. */
  readonly rules?: ServedRules | null;
  /** The analyst that decides, whose past decisions inputs show; the rules by default. */
  readonly decides?: Analyst;
  /** What notices bursts; that of the hub unless another is to be measured. */
  readonly watch?: SpikeWatch;
  /** The market that replays with other rules share; without it, one of its own is made of the settings above. */
  readonly market?: ReplayedMarket;
}

export interface ReplayCounts extends Readonly<EventCounts> {
  /** Number of applications of the rule, one per symbol and minute, by result. */
  readonly outcomes: Readonly<Record<SpikeDecision["outcome"], number>>;
  /** Number of flushes whose turn was decided on. */
  readonly turns: number;
}

/** What is judged: all base assets of a minute, or some before it, with what was known at a time, ms. */
interface Judged extends KnownAt {
  readonly symbols: readonly string[];
}

/**
 * The live agent, driven by events: each minute it takes in the events that became known before it, then does the work
 * of the live cron run in the same order. A run knows an event that was received before its scheduled minute, that is,
 * up to 5 s after the end of the windows, because a live run has the feeds store everything first. A later event
 * corrects the windows of later runs. Between the minutes bursts are judged at once, where the hub would ask for it.
 */
export class Replay implements SteppedReplay {
  readonly ledger: ReplayedLedger;
  readonly #history: ReplayedHistory;
  /** Spikes without a verdict of the analyst. */
  readonly unanswered: string[] = [];
  readonly #settings: ReplaySettings;
  readonly #market: ReplayedMarket;
  readonly #outcomes: Record<SpikeDecision["outcome"], number> = { spike: 0, quiet: 0, cooling_down: 0 };
  readonly #compared: Window;
  readonly #windows: readonly Window[];
  readonly #longestMs: number;
  readonly #rule: SpikeSettings;
  #turns = 0;
  readonly #spikes = new Map<string, EarlierSpike>();
  readonly #watch: SpikeWatch;

  constructor(settings: ReplaySettings) {
    const { config } = settings;
    this.#settings = settings;
    this.ledger = new ReplayedLedger(settings.rules ?? null);
    this.#history = new ReplayedHistory(this.ledger);
    this.#market = settings.market ?? new ReplayedMarket(settings);
    this.#compared = windowOfMinutes(config.LIQUIDATION_COMPARISON_WINDOW);
    this.#windows = windowsWith(this.#compared);
    this.#watch = settings.watch ?? new SpikeWatch(spikeWatchRule(config));
    this.#rule = spikeSettings(config);
    this.#longestMs = Math.max(...this.#windows.map(({ lengthMs }) => lengthMs));
  }

  get counts(): ReplayCounts {
    return { ...this.#market.counts, outcomes: this.#outcomes, turns: this.#turns };
  }

  /** Number of pending grades. */
  get waiting(): number {
    return this.ledger.waiting;
  }

  /**
   * Runs one minute. Minutes come in order, without omissions.
   * @param received the events received since the previous minute, in the order of `byReceipt`
   */
  async run(minute: number, received: readonly ReplayedEvent[]): Promise<void> {
    await runMinute(this.#market, [this], minute, received);
  }

  /** Adds minute marks, at any time before they are needed: none is read before its minute is over. */
  putMarks(marks: readonly SymbolMark[]): void {
    for (const mark of marks) this.#market.marks.put(mark);
  }

  /** The windows of one symbol as read by a run at `minute`: the standard ones and the compared one. */
  symbolWindows(symbol: string, minute: number): readonly SymbolWindow[] {
    const at = { minute, knownTime: minute };
    const known = this.#market.known(minute, minute, this.#longestMs);
    return this.#windows.map((window) => this.#market.window(known, symbol, window, at));
  }

  /** Looks at an event that has just become known. */
  watch(event: ReplayedEvent): void {
    this.#watch.add(event, event.received_time);
  }

  hasBurstsBefore(time: number): boolean {
    const due = this.#watch.requestTime;
    return due !== null && due < time;
  }

  /** Judges what the hub would have asked for before a time, with what was known when it asked. */
  async judgeBursts(before: number): Promise<void> {
    for (let time = this.#watch.requestTime; time !== null && time < before; time = this.#watch.requestTime) {
      const request = this.#watch.take(time);
      if (isEmpty(request)) continue;
      const minute = nextMinute(time);
      const asked = new Set([...request.bursts, ...this.#turning(request.flushes, { minute, knownTime: time })]);
      await this.#judge({ minute, knownTime: time, symbols: this.#judgedSymbols(minute).filter((symbol) => asked.has(symbol)) });
    }
  }

  /** Looks whether followed flushes have turned, as a live request does before it reads their windows. */
  #turning(symbols: readonly string[], at: KnownAt): readonly string[] {
    const turning: string[] = [];
    const open = new Map<string, FollowedFlush | null>();
    for (const symbol of symbols) {
      const flush = openFlush(symbol, at.minute, this.#rule, this.#spikes.get(symbol) ?? null);
      const seen = flush === null ? null : this.#flushFlow(symbol, at);
      open.set(symbol, flush === null || seen === null ? null : followed(flush, seen.sigmaBps));
      if (flush !== null && seen !== null && mayBeTurn(flush, seen)) turning.push(symbol);
    }
    this.#watch.follow(open, at.knownTime);
    return turning;
  }

  #flushFlow(symbol: string, { minute, knownTime }: KnownAt): FlushFlow {
    const { events, marks, runningMarks } = this.#market;
    return flushFlow({ events, marks, runningMark: runningMarks.at(symbol, knownTime), knownTime }, symbol, minute);
  }

  /** Judges all base assets of a minute, and gives the grades that are due. */
  async finishMinute(minute: number): Promise<void> {
    await this.#judge({ minute, knownTime: minute, symbols: this.#judgedSymbols(minute) });
    this.ledger.grade(minute, this.#market.marks, this.#settings.config.LIQUIDATION_TAKER_FEES_BPS);
  }

  async #judge({ minute, knownTime, symbols }: Judged): Promise<void> {
    const { judged, analyst } = this.#settings;
    if (minute < judged.start || minute >= judged.end) return;
    const at = { minute, knownTime };
    const known = this.#market.known(minute, knownTime, this.#longestMs);
    const flushes = new Map<string, FollowedFlush | null>();
    const inputs = symbols.flatMap((symbol) => {
      const decision = this.#apply(known, symbol, at);
      if (knownTime === minute) this.#outcomes[decision?.outcome ?? "quiet"] += 1;
      if (this.#spikes.get(symbol)?.minute === minute) return [];
      if (decision?.outcome !== "spike") return this.#turn(known, symbol, at, flushes);
      const input = this.#input(known, symbol, spikeTrigger(decision), at);
      this.#spikes.set(symbol, spikeOf(input));
      flushes.set(symbol, flushOf(input, this.#rule));
      return [input];
    });
    this.#watch.follow(flushes, knownTime);
    // In the order in which the live agent handles what it finds in a minute.
    for (const input of inputs.toSorted((a, b) => (signalId(a) < signalId(b) ? -1 : 1))) {
      const judgement = analyst(input);
      if (judgement === null) this.unanswered.push(signalId(input));
      else this.#history.add(await this.ledger.add(input, judgement), input);
    }
  }

  /** The input of a turn, where the flush of the latest spike has turned. */
  #turn(known: Known, symbol: string, at: KnownAt, flushes: Map<string, FollowedFlush | null>): readonly SignalInput[] {
    const spike = this.#spikes.get(symbol);
    const flush = openFlush(symbol, at.minute, this.#rule, spike ?? null);
    if (flush === null || spike === undefined) return [];
    const seen = this.#flushFlow(symbol, at);
    const trigger = mayBeTurn(flush, seen) ? turnOf(flush, seen, this.#market.sides(known, symbol, this.#compared, at)) : null;
    flushes.set(symbol, trigger === null ? followed(flush, seen.sigmaBps) : null);
    if (trigger === null) return [];
    this.#turns += 1;
    this.#spikes.set(symbol, { ...spike, has_turned: true });
    return [this.#input(known, symbol, trigger, at)];
  }

  #input(known: Known, symbol: string, trigger: Trigger, at: KnownAt): SignalInput {
    const { minute, knownTime } = at;
    const { config, decides = "rules" } = this.#settings;
    const symbolWindows = this.#windows.map((window) => this.#market.window(known, symbol, window, at));
    const symbolWindow = symbolWindows.find(({ window }) => window === this.#compared.name);
    if (symbolWindow === undefined) throw new RangeError(`no statistics of window ${this.#compared.name}`);
    const breadth = this.#judgedSymbols(minute).map((one) => this.#market.sides(known, one, this.#compared, at));
    const { marks, runningMarks } = this.#market;
    const runningMark = runningMarks.at(symbol, knownTime);
    const graded = this.#history.graded();
    const own = { symbolWindow, symbolWindows, trigger, breadth, graded, analyst: decides };
    return spikeInput({ known, marks, runningMark, config, knownTime, ...own });
  }

  /** Null where the window clearly is no spike. */
  #apply(known: Known, symbol: string, at: KnownAt): SpikeDecision | null {
    const { minute } = at;
    const { current } = windowRanges(this.#compared.lengthMs, minute);
    const sums = this.#market.events.minutes(symbol).usd(current);
    const [long, short] = [sums.long ?? 0, sums.short ?? 0];
    let earlierWindows: EarlierWindows | null = null;
    const rank: EarlierWindows["rank"] = (side, usd) =>
      (earlierWindows ??= readEarlier(known, symbol, this.#compared, minute)).rank(side, usd);
    if (!mayBeSpike({ long, short, total: long + short }, rank, this.#rule)) return null;
    const symbolWindow = this.#market.sides(known, symbol, this.#compared, at);
    const earlier = this.#spikes.get(symbol);
    // A spike that was decided before its minute does not cool itself down.
    const cools = earlier !== undefined && earlier.minute < minute && earlier.minute >= minute - this.#rule.cooldownMinutes * MINUTE_MS;
    return judgeSpike(symbolWindow, this.#rule, cools ? earlier : null);
  }

  #judgedSymbols(minute: number): readonly string[] {
    const { LIQUIDATION_SYMBOLS: symbols } = this.#settings.config;
    if (symbols !== "*") return [...symbols];
    return this.#market.events.busiest({ start: minute - this.#compared.lengthMs, end: minute }, MAX_BUSIEST_SYMBOLS);
  }
}

/** What is remembered of a spike that is decided on. */
function spikeOf(input: SignalInput): EarlierSpike {
  return { minute: input.minute, severity_usd: input.trigger.severity_usd, side: flushSide(input), has_turned: false };
}
