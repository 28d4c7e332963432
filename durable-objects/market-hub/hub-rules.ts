import { type Gap, isContractGap } from "../../src/gap.ts";
import type { FlowReader } from "../../src/cascade/cross-venue-state.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import { type LiveRule, happeningId, happeningOf } from "../../src/rules/live-rule.ts";
import { LONGEST_HISTORY_MS, type MinuteSum } from "../../src/rules/minute-sums.ts";
import { MAX_FIRED_PER_HOUR } from "../../src/rules/preview-rule.ts";
import { releaseTime } from "../../src/rules/quiet-hours.ts";
import type { RuleLiquidation } from "../../src/rules/rule-fields.ts";
import { type RuleEvent, RuleMachine, type RuleMachineSnapshot } from "../../src/rules/rule-machine.ts";
import { CASCADES_MS } from "../../src/rules/side-cascades.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { ObjectMemory } from "../object-memory.ts";
import { RuleOutbox, type RuleOutboxDependencies } from "./rule-outbox.ts";

/** A second is over for rules so long after it, so that the liquidations that feeds received in it have arrived, ms. */
const GRACE_MS = 1_000;
/** After a longer standstill rules go on from now, ms. */
const MAX_CATCH_UP_MS = HOUR_MS;
const READ_EVERY_MS = MINUTE_MS;
const RECENT_MS = 15 * MINUTE_MS;
const KEY = "rules";
const COUNTS_KEY = "rule_counts";
/** Happenings of a rule in an hour that are stored, delivered or not. */
const MAX_STORED_PER_HOUR = 1_000;

export interface HubRulesDependencies extends Omit<RuleOutboxDependencies, "now"> {
  readonly memory: ObjectMemory;
  readonly venues: readonly ExchangeName[];
  /** Time since which liquidations are collected, ms. */
  readonly since: number;
  readonly state: Pick<FlowReader, "between" | "events">;
  /** The gaps that are known. */
  readonly gaps: readonly Gap[];
  /** The logged liquidations that were received at a time or later, ms. */
  loggedSince(time: number): Iterable<RuleLiquidation>;
  /** Those of them that belong to a cascade. */
  cascadesSince(time: number): Iterable<RuleLiquidation>;
  /** The rules to follow. May throw: those of before are followed on. */
  readRules(): Promise<readonly LiveRule[]>;
  readMinutes(symbol: string, range: TimeRange): Promise<readonly MinuteSum[]>;
  now(): number;
}

/** What happened to a rule in an hour, which survives a restart. */
interface Count {
  readonly hour: number;
  all: number;
  /** Happenings that were too many to deliver, since the last one that was delivered. */
  notSent: number;
}

/** Follows the rules of callers over what the hub logs. Without rules it does nothing. */
export class HubRules {
  readonly #deps: HubRulesDependencies;
  readonly #outbox: RuleOutbox;
  readonly #machine: RuleMachine;
  /** Until the rules are set for the first time. */
  #restored: RuleMachineSnapshot | null;
  #rules: ReadonlyMap<string, LiveRule> = new Map();
  #readTime = -Infinity;
  #known = "";
  #reading: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #counts: Map<string, Count>;

  constructor(deps: HubRulesDependencies) {
    this.#deps = deps;
    this.#outbox = new RuleOutbox(deps);
    this.#restored = (deps.memory.read(KEY) as RuleMachineSnapshot | undefined) ?? null;
    this.#counts = new Map((deps.memory.read(COUNTS_KEY) as [string, Count][] | undefined) ?? []);
    this.#machine = new RuleMachine(deps.venues, deps.since, this.#restored);
    for (const gap of deps.gaps) this.noteGap(gap);
  }

  /** The rules have changed: they are read at once. */
  async changed(): Promise<void> {
    this.#readTime = -Infinity;
    await this.#read();
  }

  noteGap(gap: Gap): void {
    if (!isContractGap(gap)) this.#machine.noteGap(gap);
  }

  /** Takes liquidations that are new in the log. */
  note(liquidations: readonly RuleLiquidation[]): void {
    if (this.#machine.isIdle) return;
    for (const liquidation of liquidations) this.#machine.add(liquidation);
    this.#advance();
    this.#arm();
  }

  /** Called every few seconds. Never throws. */
  async beat(): Promise<void> {
    await this.#read();
    this.#advance();
    if (this.#machine.isIdle) this.#machine.forgetGaps(this.#deps.now());
    else this.#save();
    await this.#outbox.run();
  }

  #arm(): void {
    if (this.#timer !== null || !this.#machine.hasPending) return;
    const end = floorTo(this.#deps.now(), 1_000) + 1_000 + GRACE_MS;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#advance();
      this.#arm();
    }, end - this.#deps.now());
  }

  #advance(): void {
    if (this.#machine.isIdle) return;
    const until = this.#deps.now() - GRACE_MS;
    this.#machine.skipTo(until - MAX_CATCH_UP_MS);
    const events = this.#machine.advance(until);
    if (events.length === 0) return;
    for (const event of events) this.#take(event);
    // Together with the outbox, or a restart would not know that the rule fired.
    this.#save();
    setTimeout(() => void this.#outbox.run(), 0);
  }

  #take(event: RuleEvent): void {
    const rule = this.#rules.get(event.ruleId);
    if (rule === undefined) return;
    const count = this.#countOf(event);
    count.all += 1;
    const omitted = count.all > MAX_FIRED_PER_HOUR;
    if (omitted) count.notSent += 1;
    if (count.all > MAX_STORED_PER_HOUR) return;
    const { owner, name, text } = rule;
    const release_time = releaseTime(rule, event.kind, event.time);
    this.#outbox.add(
      { rule_id: event.ruleId, owner, name, rule: text },
      { id: happeningId(event), ...happeningOf(event), release_time, omitted },
      omitted ? 0 : count.notSent,
    );
    if (!omitted) count.notSent = 0;
  }

  #countOf({ ruleId, time }: RuleEvent): Count {
    const hour = floorTo(time, HOUR_MS);
    const known = this.#counts.get(ruleId);
    const count = known?.hour === hour ? known : { hour, all: 0, notSent: known?.notSent ?? 0 };
    this.#counts.set(ruleId, count);
    return count;
  }

  #save(): void {
    this.#deps.memory.write(KEY, this.#machine.snapshot());
    this.#deps.memory.write(COUNTS_KEY, [...this.#counts]);
  }

  /** One after the other, so that what was read first is not set last. */
  #read(): Promise<void> {
    const now = this.#deps.now();
    if (Math.abs(now - this.#readTime) < READ_EVERY_MS) return this.#reading;
    this.#readTime = now;
    this.#reading = this.#reading.then(() => this.#readNow());
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    try {
      const rules = await this.#deps.readRules();
      const text = JSON.stringify(rules);
      if (text === this.#known) return;
      await this.#set(rules);
      this.#known = text;
    } catch (error) {
      writeLog("error", { event: "rules_unread", error: messageOf(error) });
    }
  }

  async #set(rules: readonly LiveRule[]): Promise<void> {
    this.#rules = new Map(rules.map((rule) => [rule.followed.id, rule]));
    this.#outbox.keep(new Set(this.#rules.keys()));
    for (const id of this.#counts.keys()) if (!this.#rules.has(id)) this.#counts.delete(id);
    const now = this.#deps.now();
    // After a restart the log has what was not looked at yet.
    const resumed = this.#restored !== null && now - this.#restored.time < RECENT_MS ? this.#restored.time : null;
    this.#restored = null;
    const isFirst = this.#machine.isIdle;
    const followed = rules.map((rule) => rule.followed);
    const { added, needMinutes, needCascades } = this.#machine.setRules(followed, resumed !== null);
    // A rule that comes back after this starts again.
    if (this.#machine.isIdle) this.#deps.memory.write(KEY, null);
    // What was before the first rule is not looked at.
    if (isFirst && resumed === null) this.#machine.skipTo(now - GRACE_MS);
    for (const symbol of added) this.#loadRecent(symbol, now, resumed === null ? Infinity : resumed - 1);
    if (resumed !== null) for (const liquidation of this.#deps.loggedSince(resumed)) this.#machine.add(liquidation);
    if (needCascades.length > 0) this.#machine.loadCascades(needCascades, this.#deps.cascadesSince(now - CASCADES_MS));
    for (const symbol of needMinutes) {
      const from = floorTo(now - LONGEST_HISTORY_MS, MINUTE_MS);
      const minutes = await this.#deps.readMinutes(symbol, { start: from, end: now });
      this.#machine.loadMinutes(symbol, { minutes, from, missing: [] });
    }
  }

  /** @param received the latest receipt of a liquidation that counts, ms */
  #loadRecent(symbol: string, now: number, received: number): void {
    for (const side of POSITION_SIDES) {
      const events = this.#deps.state.events(symbol, side, floorTo(now - RECENT_MS, MINUTE_MS) - 1, Infinity, received);
      const counted = events.map(({ time, usd }) => ({ event_time: time, position_side: side, notional_mark_usd: usd, usd_value: null }));
      this.#machine.loadRecent(symbol, counted);
    }
  }
}
