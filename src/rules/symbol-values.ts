import { flowUsd } from "../flow-usd.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { RuleValues } from "./compile-rule.ts";
import { MinuteSums } from "./minute-sums.ts";
import { MARKET_AGE_MS, RULE_FIELDS, type RuleField, type RuleLiquidation, slotOf } from "./rule-fields.ts";
import type { PercentileNode } from "./rule-tree.ts";
import { SecondSums } from "./second-sums.ts";
import { CASCADES_MS, ENDED_AFTER_MS, SideCascades, type SideCascadesSnapshot } from "./side-cascades.ts";

/** Percentiles count up to the last full hour and change this long after it, so that late liquidations are in them, ms. */
const PERCENTILES_AFTER_MS = 5 * MINUTE_MS;

type EventField = RuleField & { readonly name: keyof RuleLiquidation };
const isOf =
  (group: RuleField["group"]) =>
  (field: RuleField): field is EventField =>
    field.group === group;
const EVENT_FIELDS = RULE_FIELDS.filter(isOf("liquidation"));
const MARKET_FIELDS = RULE_FIELDS.filter(isOf("market"));
const WINDOW_FIELDS = RULE_FIELDS.flatMap(({ slot, window }) => {
  if (window === null) return [];
  const index = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS].indexOf(window.lengthMs);
  return [{ slot, index, lengthMs: window.lengthMs, side: window.side, part: window.kind === "usd" ? 0 : 1 }];
});
const MARK_PRICE = slotOf("mark_price");
const CASCADE_SLOTS = POSITION_SIDES.map((side) => ({
  side,
  runs: slotOf(`${side}_cascade`),
  usd: slotOf(`${side}_cascade_usd`),
  events: slotOf(`${side}_cascade_events`),
  age: slotOf(`${side}_cascade_age_s`),
  move: slotOf(`${side}_cascade_move_bps`),
  reach: slotOf(`${side}_cascade_reach`),
}));

/** What a restart needs of a base asset. */
export interface SymbolSnapshot {
  /** Null where no rule uses them. */
  readonly cascades: Readonly<Record<"long" | "short", SideCascadesSnapshot>> | null;
  /** The market fields with the times of their values, ms. */
  readonly market: readonly (readonly [name: string, value: number, time: number])[];
}

/** The values of all fields of one base asset, second by second. */
export class SymbolValues {
  readonly #seconds = new SecondSums();
  #minutes = new MinuteSums();
  #cascades: Readonly<Record<"long" | "short", SideCascades>>;
  /** Whether rules use cascades, and whether those of before are known. */
  #keepsCascades = false;
  #knowsCascades: boolean;
  /** When each market field was last reported, ms, in the order of `MARKET_FIELDS`. */
  readonly #reported = new Float64Array(MARKET_FIELDS.length).fill(-Infinity);
  readonly #reportedValues = new Float64Array(MARKET_FIELDS.length);
  #eventFields: readonly EventField[] = [];
  /** Places in `MARKET_FIELDS`. */
  #marketFields: readonly number[] = [];
  #percentiles: readonly PercentileNode[] = [];
  #percentilesOf = Number.NaN;
  values: RuleValues = new Float64Array(RULE_FIELDS.length).fill(Number.NaN);

  constructor(snapshot: SymbolSnapshot | null = null) {
    this.#cascades = cascadesOf(snapshot?.cascades ?? null);
    this.#knowsCascades = (snapshot?.cascades ?? null) !== null;
    for (const [name, value, time] of snapshot?.market ?? []) {
      const index = MARKET_FIELDS.findIndex((field) => field.name === name);
      if (index < 0) continue;
      this.#reported[index] = time;
      this.#reportedValues[index] = value;
    }
  }

  get snapshot(): SymbolSnapshot {
    const market = MARKET_FIELDS.flatMap(({ name }, index): SymbolSnapshot["market"] => {
      const time = this.#reported[index] ?? -Infinity;
      return time === -Infinity ? [] : [[name, this.#reportedValues[index] ?? 0, time]];
    });
    const { long, short } = this.#cascades;
    return { cascades: this.#keepsCascades ? { long: long.snapshot, short: short.snapshot } : null, market };
  }

  get minutes(): MinuteSums {
    return this.#minutes;
  }

  get keepsMinutes(): boolean {
    return this.#percentiles.length > 0;
  }

  /** Whether the cascades of before are to be loaded. */
  get needsCascades(): boolean {
    return this.#keepsCascades && !this.#knowsCascades;
  }

  /** Takes the liquidations of the cascades of before, in order. */
  loadCascades(events: readonly RuleLiquidation[]): void {
    this.#cascades = cascadesOf(null);
    this.#knowsCascades = true;
    for (const event of events) this.countCascade(event);
  }

  /** Sets the fields that rules use, and the percentiles to compute, whose values follow those of the fields. */
  use(fields: ReadonlySet<RuleField>, percentiles: readonly PercentileNode[]): void {
    this.#eventFields = EVENT_FIELDS.filter((field) => fields.has(field));
    // The price that a cascade would reach is made of the mark price.
    const isUsed = (field: RuleField) => fields.has(field) || field.slot === MARK_PRICE;
    this.#marketFields = MARKET_FIELDS.flatMap((field, index) => (isUsed(field) ? [index] : []));
    // What is not followed for a while is not known afterwards.
    this.#keepsCascades = [...fields].some(isOf("cascade"));
    if (!this.#keepsCascades) this.#knowsCascades = false;
    if (percentiles.length === 0) this.#minutes = new MinuteSums();
    this.#percentiles = percentiles;
    this.#percentilesOf = Number.NaN;
    this.values = new Float64Array(RULE_FIELDS.length + percentiles.length).fill(Number.NaN);
  }

  /** Counts a liquidation in windows, minutes and cascades. */
  count(event: Pick<RuleLiquidation, "event_time" | "position_side" | "notional_mark_usd" | "usd_value">): void {
    const usd = flowUsd(event);
    this.#seconds.add(event.event_time, event.position_side, usd);
    if (this.keepsMinutes) this.#minutes.add(event.event_time, event.position_side, usd);
  }

  countCascade(event: RuleLiquidation): void {
    if (!this.#keepsCascades) return;
    this.#cascades[event.position_side].add(event);
  }

  /** Notes the market that a liquidation reports. */
  noteMarket(event: RuleLiquidation): void {
    for (const index of this.#marketFields) {
      const field = MARKET_FIELDS[index];
      const value = field === undefined ? null : event[field.name];
      if (typeof value !== "number") continue;
      this.#reported[index] = event.received_time;
      this.#reportedValues[index] = value;
    }
  }

  /** Writes the fields of a liquidation. */
  writeEvent(event: RuleLiquidation): void {
    for (const { slot, name, values } of this.#eventFields) {
      const value = event[name];
      this.values[slot] = typeof value === "number" ? value : value === null || values === null ? Number.NaN : values.indexOf(value);
    }
  }

  clearEvent(): void {
    for (const { slot } of this.#eventFields) this.values[slot] = Number.NaN;
  }

  /**
   * Writes the fields of the market at a time, ms.
   * @param isKnown false in a stretch that no store has: a later liquidation may have reported others
   */
  writeMarket(time: number, isKnown: boolean): void {
    for (const index of this.#marketFields) {
      const slot = MARKET_FIELDS[index]?.slot ?? 0;
      const isFresh = isKnown && time - (this.#reported[index] ?? -Infinity) <= MARKET_AGE_MS;
      this.values[slot] = isFresh ? (this.#reportedValues[index] ?? Number.NaN) : Number.NaN;
    }
  }

  /**
   * Writes windows, cascades and percentiles at a time in whole seconds, ms.
   * @param since time since which liquidations are collected, ms
   * @param known time since which all that were collected are known, ms: later than `since` after a stretch that no store has
   * @param isConnected whether any venue is
   */
  writeState(time: number, since: number, known: number, isConnected: boolean): void {
    const sums = this.#seconds.before(time);
    for (const { slot, index, lengthMs, side, part } of WINDOW_FIELDS) {
      const [long, short] = [sums[index]?.[part] ?? 0, sums[index]?.[part + 2] ?? 0];
      const isKnown = isConnected && time - known >= lengthMs;
      this.values[slot] = !isKnown ? Number.NaN : side === "long" ? long : side === "short" ? short : long + short;
    }
    this.#writeCascades(time, since, known, isConnected);
    this.#writePercentiles(time, since);
  }

  /**
   * The hub knows to the millisecond since when it collects, and a preview by the hour of the first stored total: both wait for
   * 24 h from the next hour on, so that they tell the same. Within a minute after a stretch that no store has, a cascade of before may
   * still run, and one that goes on then has liquidations that nobody knows.
   */
  #writeCascades(time: number, since: number, known: number, isConnected: boolean): void {
    const cutUntil = known > since ? known + ENDED_AFTER_MS : -Infinity;
    const isDayKnown = time - (floorTo(known, HOUR_MS) + HOUR_MS) >= CASCADES_MS;
    for (const { side, runs, usd, events, age, move, reach } of CASCADE_SLOTS) {
      const cascade = this.#cascades[side].at(time);
      const isCut = (cascade === null ? time : cascade.startTime) < cutUntil;
      if (!isConnected || isCut) {
        for (const slot of [runs, usd, events, age, move, reach]) this.values[slot] = Number.NaN;
        // One of whose liquidations came since then does run.
        if (isConnected && cascade !== null && cascade.lastTime >= known) this.values[runs] = 1;
        continue;
      }
      this.values[runs] = cascade === null ? 0 : 1;
      this.values[usd] = cascade?.usd ?? 0;
      this.values[events] = cascade?.events ?? 0;
      this.values[age] = cascade === null ? 0 : Math.max(0, time - cascade.startTime) / 1_000;
      this.values[move] = cascade?.moveBps ?? 0;
      const largest = isDayKnown ? this.#cascades[side].largestMove(time) : null;
      const direction = side === "long" ? -1 : 1;
      this.values[reach] = largest === null ? Number.NaN : (this.values[MARK_PRICE] ?? Number.NaN) * (1 + (direction * largest) / 1e4);
    }
  }

  #writePercentiles(time: number, since: number): void {
    const end = floorTo(time - PERCENTILES_AFTER_MS, HOUR_MS);
    if (!this.keepsMinutes || end === this.#percentilesOf) return;
    this.#percentilesOf = end;
    this.#minutes.forget(time);
    this.#percentiles.forEach((node, index) => {
      this.values[RULE_FIELDS.length + index] = this.#minutes.percentile(node, end, since);
    });
  }

  /** Computes the percentiles again, after stored minutes were loaded. */
  refreshPercentiles(): void {
    this.#percentilesOf = Number.NaN;
  }
}

function cascadesOf(snapshot: SymbolSnapshot["cascades"]): Readonly<Record<"long" | "short", SideCascades>> {
  return { long: new SideCascades("long", snapshot?.long), short: new SideCascades("short", snapshot?.short) };
}
