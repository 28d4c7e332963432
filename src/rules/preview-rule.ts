import type { Gap } from "../gap.ts";
import { MAX_AHEAD_MS } from "../lateness.ts";
import type { ExchangeName } from "../liquidation.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { MinuteHistory } from "./minute-sums.ts";
import type { RuleLiquidation } from "./rule-fields.ts";
import { type FollowedRule, type RuleEvent, type RuleLooks, RuleMachine } from "./rule-machine.ts";
import { type Rule, fieldsOf } from "./rule-tree.ts";
import { CASCADES_MS } from "./side-cascades.ts";

/** Windows and cooldowns of the beginning need what was before it, ms. */
const LEAD_MS = 15 * MINUTE_MS;
/** Cascades too, and an hour more, so that those which ran then are whole. */
const CASCADES_LEAD_MS = CASCADES_MS + HOUR_MS;
/** A rule that fires more often than this in an hour is refused: it says nothing. */
export const MAX_FIRED_PER_HOUR = 60;

/** What a rule would have done. */
export interface PreviewedRule {
  /** Numbers by kind of event. */
  readonly fired: number;
  readonly escalated: number;
  readonly undetermined: number;
  /** Number of liquidations of its base assets that were read, the lead included. */
  readonly liquidations: number;
  /** Shares of the times that its condition was looked at; null where it was not. */
  readonly held_share: number | null;
  readonly undetermined_share: number | null;
  /** Number of times that its condition was looked at: for each liquidation, or each second with one and every 10 s. */
  readonly looks: number;
  /** The hour in which it fired most; null where it did not fire. */
  readonly busiest_hour: { readonly start_time: number; readonly fired: number } | null;
  /** In order. */
  readonly events: readonly RuleEvent[];
}

export interface PreviewSettings {
  readonly rule: FollowedRule;
  readonly range: TimeRange;
  readonly venues: readonly ExchangeName[];
  /** Time since which liquidations are collected, ms. */
  readonly since: number;
  readonly gaps: readonly Gap[];
  /** What was before the lead, by base asset; without one of them its percentiles are unknown. */
  readonly minutes: ReadonlyMap<string, MinuteHistory>;
  /** How long before the range the liquidations begin, ms. */
  readonly leadMs?: number;
}

/** How long before a range the liquidations of a preview begin, ms. */
export function previewLead(rule: Rule): number {
  return fieldsOf(rule).some(({ group }) => group === "cascade") ? CASCADES_LEAD_MS : LEAD_MS;
}

/** Runs a rule over stored liquidations as the hub runs it over live ones. */
export class RulePreview {
  readonly #machine: RuleMachine;
  readonly #range: TimeRange;
  readonly #events: RuleEvent[] = [];
  /** When the range began; null before it. */
  #before: RuleLooks | null = null;
  #liquidations = 0;

  constructor({ rule, range, venues, since, gaps, minutes, leadMs = previewLead(rule.rule) }: PreviewSettings) {
    this.#range = range;
    this.#machine = new RuleMachine(venues, since);
    this.#machine.setRules([rule]);
    for (const [symbol, history] of minutes) this.#machine.loadMinutes(symbol, history);
    this.#machine.advance(range.start - leadMs);
    this.noteGaps(gaps);
  }

  get liquidations(): number {
    return this.#liquidations;
  }

  noteGaps(gaps: readonly Gap[]): void {
    for (const gap of gaps) this.#machine.noteGap(gap);
  }

  /** Takes a stretch that no store has, instead of its liquidations: what they would have said is unknown. */
  addMissing(range: TimeRange): void {
    this.#machine.noteMissing(range);
    this.add([], range.end);
  }

  /**
   * Takes the liquidations of a stretch, in any order.
   * @param until end of the stretch by event time, ms; the next one begins there
   */
  add(events: Iterable<RuleLiquidation>, until: number): void {
    for (const event of events) {
      this.#machine.add(event);
      this.#liquidations += 1;
    }
    // A venue's clock may be ahead, so the next stretch may hold what was received before the end of this one.
    this.#note(until - MAX_AHEAD_MS);
  }

  /** @param end where the stored liquidations end, ms */
  finish(end = this.#range.end): PreviewedRule {
    this.#note(end);
    const of = (kind: RuleEvent["kind"]) => this.#events.filter((event) => event.kind === kind);
    const hours = Map.groupBy(of("fired"), ({ time }) => floorTo(time - 1, HOUR_MS));
    const busiest = [...hours].toSorted((a, b) => b[1].length - a[1].length)[0];
    const [looks, held, undetermined] = this.#looks();
    return {
      fired: of("fired").length,
      escalated: of("escalated").length,
      undetermined: of("undetermined").length,
      liquidations: this.#liquidations,
      held_share: looks === 0 ? null : held / looks,
      undetermined_share: looks === 0 ? null : undetermined / looks,
      looks,
      busiest_hour: busiest === undefined ? null : { start_time: busiest[0], fired: busiest[1].length },
      events: this.#events,
    };
  }

  /** All looks of the range, and those at which the condition held, or was undetermined. */
  #looks(): readonly [all: number, held: number, undetermined: number] {
    const { computed, ruledOut, held, undetermined } = this.#machine.looks;
    const before = this.#before;
    if (before === null) return [0, 0, 0];
    const all = computed + ruledOut - before.computed - before.ruledOut;
    return [all, held - before.held, undetermined - before.undetermined];
  }

  #note(until: number): void {
    const { start, end } = this.#range;
    if (this.#before === null && until > start) this.#begin();
    for (const event of this.#machine.advance(Math.min(until, end))) if (event.time > start) this.#events.push(event);
  }

  /** What was undetermined before is said again, or a rule that never is anything else would say nothing. */
  #begin(): void {
    this.#machine.advance(this.#range.start);
    this.#machine.repeatUndetermined();
    this.#before = this.#machine.looks;
  }
}
