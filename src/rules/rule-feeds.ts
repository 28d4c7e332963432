import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { type RuleValues } from "./compile-rule.ts";
import { slotOf } from "./rule-fields.ts";

const SILENT_VENUES = slotOf("silent_venues");
const SILENT_S = slotOf("silent_s");
const SLOTS = EXCHANGES.map((name): readonly [ExchangeName, number] => [name, slotOf(`${name}_silent_s`)]);

type Range = Pick<Gap, "from_time" | "to_time">;

/** Which of the collected venues are not connected at a time. */
export class RuleFeeds {
  readonly #gaps: ReadonlyMap<ExchangeName, Range[]>;

  /** @param venues the collected venues */
  constructor(venues: readonly ExchangeName[]) {
    this.#gaps = new Map(venues.map((name) => [name, []]));
  }

  /** Notes that a venue is not connected from a time on, or, later, until when it was not. */
  note({ exchange, from_time, to_time }: Gap): void {
    const known = this.#gaps.get(exchange);
    if (known === undefined) return;
    const others = known.filter((gap) => gap.from_time !== from_time && gap.to_time !== null);
    known.splice(0, known.length, ...others, { from_time, to_time });
  }

  /** Forgets what ended before a time, ms. */
  forget(before: number): void {
    for (const gaps of this.#gaps.values()) {
      const kept = gaps.filter(({ to_time }) => to_time === null || to_time > before);
      if (kept.length < gaps.length) gaps.splice(0, gaps.length, ...kept);
    }
  }

  /** The venues that are not connected at a time. */
  silent(time: number): readonly ExchangeName[] {
    return [...this.#gaps].flatMap(([name, gaps]) => (silence(gaps, time) > 0 ? [name] : []));
  }

  /** Writes that nobody knows which venues are connected. */
  clear(values: RuleValues): void {
    for (const [, slot] of SLOTS) values[slot] = Number.NaN;
    values[SILENT_VENUES] = Number.NaN;
    values[SILENT_S] = Number.NaN;
  }

  /** @returns false where no venue is connected */
  write(values: RuleValues, time: number): boolean {
    let [silent, longest] = [0, 0];
    for (const [name, slot] of SLOTS) {
      const gaps = this.#gaps.get(name);
      const seconds = gaps === undefined ? Number.NaN : silence(gaps, time);
      values[slot] = seconds;
      if (seconds > 0) silent += 1;
      if (seconds > longest) longest = seconds;
    }
    values[SILENT_VENUES] = silent;
    values[SILENT_S] = longest;
    return silent < this.#gaps.size;
  }
}

/** Seconds since the gap that a time is in began; 0 where it is in none. */
function silence(gaps: readonly Range[], time: number): number {
  let longest = 0;
  for (const { from_time, to_time } of gaps)
    if (from_time < time && (to_time === null || to_time > time)) longest = Math.max(longest, (time - from_time) / 1_000);
  return longest;
}
