import type { RuleValues } from "./compile-rule.ts";
import { type RuleGuard, guardOf } from "./rule-guard.ts";
import type { RuleRun } from "./rule-run.ts";
import type { Rule } from "./rule-tree.ts";

/** A rule where it stands for one base asset. */
export interface RuleAtWork {
  readonly rule: { readonly rule: Rule };
  readonly run: RuleRun;
}

interface Guarded<One> {
  readonly one: One;
  readonly constant: number;
}

/** The rules whose guards compare the same field in the same direction: those that are easier to hold come first. */
interface Bucket<One> {
  readonly slot: number;
  readonly isRising: boolean;
  readonly guarded: readonly Guarded<One>[];
}

/**
 * Rules about single liquidations, by what they cannot hold without: most of them ask for a size, so that a small liquidation
 * costs nothing for all that ask for larger ones.
 */
export class LiquidationRules<One extends RuleAtWork> {
  readonly all: readonly One[];
  readonly #buckets: readonly Bucket<One>[];
  readonly #others: readonly One[];
  /** Rules to which something has happened, so that being false changes them. */
  readonly #active = new Set<One>();

  constructor(all: readonly One[]) {
    this.all = all;
    const guards = all.map((one) => ({ one, guard: guardOf(one.rule.rule.condition) }));
    const ranked = guards.flatMap(({ one, guard }) => (guard === null || !isOrder(guard) ? [] : [{ one, guard }]));
    this.#others = guards.flatMap(({ one, guard }) => (guard === null || !isOrder(guard) ? [one] : []));
    this.#buckets = [...Map.groupBy(ranked, ({ guard }) => `${guard.slot} ${isRising(guard)}`).values()].map(bucketOf);
    for (const one of all) this.note(one);
  }

  /** The rules that may hold, or that change where they do not. Every other one is false. */
  toLookAt(values: RuleValues): readonly One[] {
    const found = new Set(this.#active);
    for (const one of this.#others) found.add(one);
    for (const { slot, isRising: rises, guarded } of this.#buckets) {
      const value = values[slot] ?? Number.NaN;
      for (const { one, constant } of guarded) {
        // Of an unknown value nothing is ruled out.
        if (rises ? constant > value : constant < value) break;
        found.add(one);
      }
    }
    return [...found];
  }

  /** Notes whether something has happened to a rule that was looked at. */
  note(one: One): void {
    const { since, hasFired, isUndetermined } = one.run;
    if (since === null && !hasFired && !isUndetermined) this.#active.delete(one);
    else this.#active.add(one);
  }
}

function isOrder({ operator }: RuleGuard): boolean {
  return operator !== "=" && operator !== "!=";
}

function isRising({ operator }: RuleGuard): boolean {
  return operator === ">" || operator === ">=";
}

function bucketOf<One>(ranked: readonly { readonly one: One; readonly guard: RuleGuard }[]): Bucket<One> {
  const [first] = ranked;
  const rises = first === undefined || isRising(first.guard);
  const guarded = ranked.map(({ one, guard: { constant } }) => ({ one, constant }));
  const order = guarded.toSorted((a, b) => (rises ? a.constant - b.constant : b.constant - a.constant));
  return { slot: first?.guard.slot ?? 0, isRising: rises, guarded: order };
}
