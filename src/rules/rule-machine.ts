import type { Gap } from "../gap.ts";
import { MAX_NEWS_AGE_MS } from "../lateness.ts";
import type { ExchangeName } from "../liquidation.ts";
import { ceilTo, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { type Evaluate, compileRule } from "./compile-rule.ts";
import { LiquidationRules } from "./liquidation-rules.ts";
import type { MinuteHistory } from "./minute-sums.ts";
import { RuleFeeds } from "./rule-feeds.ts";
import { LIQUIDATION_NAMED_BY, RULE_FIELDS, type RuleLiquidation } from "./rule-fields.ts";
import { type RuleEventKind, type RuleRun, type RunTimes, followRun, newRun } from "./rule-run.ts";
import { percentileText } from "./rule-text.ts";
import { type PercentileNode, type Rule, fieldsOf, isOfLiquidations, percentilesOf } from "./rule-tree.ts";
import { type SymbolSnapshot, SymbolValues } from "./symbol-values.ts";

const SECOND_MS = 1_000;
/** Rules that are not about single liquidations are looked at at least this often, ms. */
export const TICK_MS = 10_000;
/** Gaps that ended longer ago than this concern no field, ms. */
const GAPS_KEPT_MS = 60_000;

/** A rule to follow. */
export interface FollowedRule {
  readonly id: string;
  /** Another one where its text changed: it then starts again. */
  readonly version: number;
  readonly rule: Rule;
  /** The base assets that it is looked at for. */
  readonly symbols: readonly string[];
  readonly escalateAfterMs: number | null;
}

/** Something that happened to a rule. */
export interface RuleEvent {
  readonly kind: RuleEventKind;
  readonly ruleId: string;
  readonly symbol: string;
  /** End of the second, ms. */
  readonly time: number;
  /** The liquidation that it is about; null where the rule is not about single ones. */
  readonly liquidation: RuleLiquidation | null;
  /** The fields and percentiles of the rule, null where unknown, and first what names the liquidation that it is about. */
  readonly values: Readonly<Record<string, number | string | null>>;
  /** The collected venues that were not connected. */
  readonly silentExchanges: readonly ExchangeName[];
}

interface Compiled extends RunTimes {
  readonly id: string;
  /** Of its runs. */
  readonly key: string;
  readonly rule: Rule;
  readonly evaluate: Evaluate;
}

interface AtWork {
  readonly rule: Compiled;
  readonly run: RuleRun;
}

/** A base asset with the rules that are looked at for it. */
interface Followed {
  readonly symbol: string;
  readonly values: SymbolValues;
  readonly percentiles: readonly PercentileNode[];
  readonly ofLiquidations: LiquidationRules<AtWork>;
  readonly ofState: readonly AtWork[];
  pending: RuleLiquidation[];
}

/** The base assets whose past is to be loaded. */
export interface ToLoad {
  /** Those that are followed from now on. */
  readonly added: readonly string[];
  /** Those whose stored minutes are not known. */
  readonly needMinutes: readonly string[];
  /** Those whose cascades are not known. */
  readonly needCascades: readonly string[];
}

/** How often conditions were looked at, and what they were. */
export interface RuleLooks {
  readonly computed: number;
  /** Times that a condition was false without being computed: the liquidation is too small for it, or the like. */
  readonly ruledOut: number;
  readonly held: number;
  readonly undetermined: number;
}

/** What a restart needs. */
export interface RuleMachineSnapshot {
  /** Every second before this time is done, ms. */
  readonly time: number;
  readonly symbols: Readonly<Record<string, SymbolSnapshot>>;
  /** By rule, version and base asset. */
  readonly runs: Readonly<Record<string, RuleRun>>;
}

/**
 * Follows rules over liquidations, second by second of the time of receipt. A rule about single liquidations is looked at for
 * each one, any other at the end of each second in which its base asset had one, and every 10 s. What happens depends on what
 * was received in which second and on nothing else, so that a backtest over the stored rows repeats it.
 */
export class RuleMachine {
  readonly #since: number;
  readonly #feeds: RuleFeeds;
  #followed: ReadonlyMap<string, Followed> = new Map();
  #time: number | null = null;
  /** Until the rules are set for the first time: a rule that is switched off and on later starts again. */
  #restored: RuleMachineSnapshot | null;
  /** Stretches that no store has. */
  #missing: readonly TimeRange[] = [];
  readonly #looks = { computed: 0, ruledOut: 0, held: 0, undetermined: 0 };

  /** @param since time since which liquidations are collected, ms */
  constructor(venues: readonly ExchangeName[], since: number, snapshot: RuleMachineSnapshot | null = null) {
    this.#since = since;
    this.#feeds = new RuleFeeds(venues);
    this.#restored = snapshot;
    this.#time = snapshot?.time ?? null;
  }

  get looks(): Readonly<RuleLooks> {
    return { ...this.#looks };
  }

  get isIdle(): boolean {
    return this.#followed.size === 0;
  }

  /** Whether a second waits that ended. */
  get hasPending(): boolean {
    for (const { pending } of this.#followed.values()) if (pending.length > 0) return true;
    return false;
  }

  /**
   * Sets the rules. A rule of the same version goes on where it stands.
   * @param isResumed whether what was received since the snapshot is added: otherwise its markets and cascades are outdated
   */
  setRules(rules: readonly FollowedRule[], isResumed = true): ToLoad {
    const symbols = [...new Set(rules.flatMap((rule) => rule.symbols))];
    const before = this.#followed;
    const [added, needMinutes, needCascades]: [string[], string[], string[]] = [[], [], []];
    this.#followed = new Map(
      symbols.map((symbol) => {
        const own = rules.filter((rule) => rule.symbols.includes(symbol));
        const known = before.get(symbol);
        const values = known?.values ?? new SymbolValues((isResumed ? this.#restored?.symbols[symbol] : null) ?? null);
        const followed = this.#follow(symbol, own, values, known);
        if (values.needsCascades) needCascades.push(symbol);
        if (followed.values.keepsMinutes && !followed.values.minutes.isLoaded) needMinutes.push(symbol);
        if (known === undefined) added.push(symbol);
        return [symbol, followed];
      }),
    );
    this.#restored = null;
    return { added, needMinutes, needCascades };
  }

  #follow(symbol: string, rules: readonly FollowedRule[], values: SymbolValues, known: Followed | undefined): Followed {
    const byText = new Map(rules.flatMap(({ rule }) => percentilesOf(rule)).map((node) => [percentileText(node), node]));
    const names = [...byText.keys()];
    values.use(new Set(rules.flatMap(({ rule }) => fieldsOf(rule))), [...byText.values()]);
    const runs = new Map([...(known?.ofLiquidations.all ?? []), ...(known?.ofState ?? [])].map(({ rule, run }) => [rule.key, run]));
    const all = rules.map(({ id, version, rule, escalateAfterMs }) => {
      const key = `${id}@${version} ${symbol}`;
      const evaluate = compileRule(rule.condition, (node) => RULE_FIELDS.length + names.indexOf(percentileText(node)));
      const { forMs, cooldownMs } = rule;
      const compiled: Compiled = {
        id,
        key,
        rule,
        evaluate,
        forMs,
        cooldownMs,
        escalateAfterMs,
        isOfLiquidations: isOfLiquidations(rule),
      };
      return { rule: compiled, run: runs.get(key) ?? this.#restored?.runs[key] ?? newRun() };
    });
    return {
      symbol,
      values,
      percentiles: [...byText.values()],
      ofLiquidations: new LiquidationRules(all.filter(({ rule }) => rule.isOfLiquidations)),
      ofState: all.filter(({ rule }) => !rule.isOfLiquidations),
      pending: known?.pending ?? [],
    };
  }

  /** Loads stored minutes from before the rules of a base asset were set. */
  loadMinutes(symbol: string, history: MinuteHistory): void {
    const values = this.#followed.get(symbol)?.values;
    values?.minutes.load(history);
    values?.refreshPercentiles();
  }

  /** Counts liquidations of before in windows, without looking at rules. */
  loadRecent(symbol: string, events: readonly Parameters<SymbolValues["count"]>[0][]): void {
    const values = this.#followed.get(symbol)?.values;
    for (const event of events) values?.count(event);
  }

  /** Takes the liquidations of the last `CASCADES_MS`, for the cascades of these base assets, without looking at rules. */
  loadCascades(symbols: readonly string[], events: Iterable<RuleLiquidation>): void {
    const waiting = new Set(symbols.flatMap((symbol) => this.#followed.get(symbol)?.pending ?? []).map(({ event_id: id }) => id));
    const before: RuleLiquidation[] = [];
    for (const event of events)
      if (symbols.includes(event.symbol) && event.coverage !== "inferred" && !waiting.has(event.event_id)) before.push(event);
    const bySymbol = Map.groupBy(before.toSorted(byReceipt), ({ symbol }) => symbol);
    for (const symbol of symbols) this.#followed.get(symbol)?.values.loadCascades(bySymbol.get(symbol) ?? []);
  }

  noteGap(gap: Gap): void {
    this.#feeds.note(gap);
  }

  /** Notes that nobody knows what happened in a stretch: it is not one without liquidations. To be called before it is reached. */
  noteMissing(range: TimeRange): void {
    this.#missing = [...this.#missing, range];
    for (const { values } of this.#followed.values()) values.minutes.noteMissing(range);
  }

  /** Has the rules that are undetermined say so again, if they still are at their next look. */
  repeatUndetermined(): void {
    for (const { ofLiquidations, ofState } of this.#followed.values())
      for (const { run } of [...ofLiquidations.all, ...ofState]) {
        if (!run.isUndetermined) continue;
        run.isUndetermined = false;
        run.undeterminedTime = null;
      }
  }

  /** Takes a new liquidation. One that was inferred counts nowhere. */
  add(event: RuleLiquidation): void {
    if (event.coverage === "inferred") return;
    this.#followed.get(event.symbol)?.pending.push(event);
  }

  /**
   * Follows the rules through every second that ended by a time, ms.
   * @returns what happened, in order
   */
  advance(until: number): readonly RuleEvent[] {
    const end = floorTo(until, SECOND_MS);
    const from = this.#time ?? end - SECOND_MS;
    if (end <= from) return [];
    this.#time = end;
    const events: RuleEvent[] = [];
    for (const followed of this.#followed.values()) this.#advance(followed, from, end, events);
    this.forgetGaps(end);
    return events.toSorted((a, b) => a.time - b.time);
  }

  /** Forgets gaps that concern no field from a time on, ms. */
  forgetGaps(time: number): void {
    this.#feeds.forget(time - GAPS_KEPT_MS);
  }

  /** Skips the time until then, ms, where that is long: nobody looked, and what held before may not have held since. */
  skipTo(time: number): void {
    if (this.#time === null || this.#time >= time) return;
    this.#time = floorTo(time, SECOND_MS);
    for (const { ofState } of this.#followed.values()) for (const { run } of ofState) run.since = null;
  }

  snapshot(): RuleMachineSnapshot {
    const all = [...this.#followed.values()];
    return {
      time: this.#time ?? 0,
      symbols: Object.fromEntries(all.map(({ symbol, values }) => [symbol, values.snapshot])),
      runs: Object.fromEntries(
        all.flatMap(({ ofLiquidations, ofState }) =>
          [...ofLiquidations.all, ...ofState].flatMap(({ rule, run }) => (isNew(run) ? [] : [[rule.key, run]])),
        ),
      ),
    };
  }

  #advance(followed: Followed, from: number, end: number, events: RuleEvent[]): void {
    const due = followed.pending.filter(({ received_time: time }) => time < end).toSorted(byReceipt);
    if (due.length > 0) followed.pending = followed.pending.filter(({ received_time: time }) => time >= end);
    let next = 0;
    let tick = ceilTo(from + 1, TICK_MS);
    while (next < due.length || tick <= end) {
      // What was received before seconds that are done counts in the first that is not.
      const received =
        due[next] === undefined ? Infinity : Math.max(from + SECOND_MS, floorTo(due[next]?.received_time ?? 0, SECOND_MS) + SECOND_MS);
      const time = Math.min(received, tick);
      let last = next;
      while (last < due.length && (due[last]?.received_time ?? Infinity) < time) last += 1;
      this.#second(followed, due.slice(next, last), time, time === tick, events);
      next = last;
      if (time === tick) tick += TICK_MS;
    }
  }

  /** One second: its liquidations, and then the rules. */
  #second(followed: Followed, received: readonly RuleLiquidation[], time: number, isTick: boolean, events: RuleEvent[]): void {
    const { values, ofLiquidations, ofState } = followed;
    for (const event of received) {
      values.count(event);
      values.countCascade(event);
      values.noteMarket(event);
    }
    if (received.length === 0 && !(isTick && ofState.length > 0)) return;
    const known = this.#knownSince(time);
    values.writeMarket(time, known < time || known === this.#since);
    if (known >= time) this.#feeds.clear(values.values);
    values.writeState(time, this.#since, known, known < time && this.#feeds.write(values.values, time));
    if (ofLiquidations.all.length > 0) {
      for (const event of received) {
        if (event.received_time - event.event_time > MAX_NEWS_AGE_MS) continue;
        values.writeEvent(event);
        const toLookAt = ofLiquidations.toLookAt(values.values);
        this.#looks.ruledOut += ofLiquidations.all.length - toLookAt.length;
        for (const one of toLookAt) {
          this.#look(followed, one, time, event, events);
          ofLiquidations.note(one);
        }
      }
      values.clearEvent();
    }
    for (const one of ofState) this.#look(followed, one, time, null, events);
  }

  /** Time since which all that was collected is known without a break, ms: the time itself where what was just before it is not. */
  #knownSince(time: number): number {
    let since = this.#since;
    for (const { start, end } of this.#missing) if (start < time) since = Math.max(since, Math.min(end, time));
    return since;
  }

  #look(followed: Followed, { rule, run }: AtWork, time: number, liquidation: RuleLiquidation | null, events: RuleEvent[]): void {
    const truth = rule.evaluate(followed.values.values);
    this.#looks.computed += 1;
    if (truth === 1) this.#looks.held += 1;
    else if (truth !== 0) this.#looks.undetermined += 1;
    const kind = followRun(run, rule, truth, time);
    if (kind === null) return;
    const { symbol } = followed;
    const silentExchanges = this.#feeds.silent(time);
    events.push({ kind, ruleId: rule.id, symbol, time, liquidation, values: valuesOf(rule.rule, followed, liquidation), silentExchanges });
  }
}

/** Whether nothing has happened to a rule yet. */
function isNew({ since, firedTime, isUndetermined, undeterminedTime }: RuleRun): boolean {
  return since === null && firedTime === null && !isUndetermined && undeterminedTime === null;
}

/** By receipt and id, so that nothing depends on the order of arrival. */
function byReceipt(a: RuleLiquidation, b: RuleLiquidation): number {
  return a.received_time - b.received_time || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);
}

function valuesOf(rule: Rule, { values: { values }, percentiles }: Followed, liquidation: RuleLiquidation | null): RuleEvent["values"] {
  const shown: Record<string, number | string | null> = {};
  if (liquidation !== null) for (const name of LIQUIDATION_NAMED_BY) shown[name] = liquidation[name];
  for (const { name, slot, values: texts } of fieldsOf(rule)) shown[name] = shownValue(values[slot], texts);
  const own = new Set(percentilesOf(rule).map(percentileText));
  percentiles.forEach((node, index) => {
    const text = percentileText(node);
    if (own.has(text)) shown[text] = shownValue(values[RULE_FIELDS.length + index], null);
  });
  return shown;
}

function shownValue(value: number | undefined, texts: readonly string[] | null): number | string | null {
  if (value === undefined || Number.isNaN(value)) return null;
  return texts === null ? value : (texts[value] ?? null);
}
