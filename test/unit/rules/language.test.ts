import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRule, constantOf } from "../../../src/rules/compile-rule.ts";
import { EXAMPLE_RULES } from "../../../src/rules/example-rules.ts";
import { MAX_NODES, parseRule, parseStoredRule } from "../../../src/rules/parse-rule.ts";
import { RuleError } from "../../../src/rules/rule-error.ts";
import { RULE_FIELDS } from "../../../src/rules/rule-fields.ts";
import { percentileText, ruleText } from "../../../src/rules/rule-text.ts";
import { COMPARISONS, type RuleNode, nodesOf } from "../../../src/rules/rule-tree.ts";

/** Of the fields and of the percentiles that are drawn here. */
const SLOTS = RULE_FIELDS.length + 216;
const fields = RULE_FIELDS.filter(({ values }) => values === null);
const windows = RULE_FIELDS.filter(({ window }) => window !== null);
const texts = RULE_FIELDS.filter(({ values }) => values !== null);

const number: fc.Arbitrary<RuleNode> = fc
  .oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.double({ min: 0, max: 1e9, noNaN: true }))
  .map((value) => ({ kind: "number", value: Math.abs(value) }));
const { truth } = fc.letrec<{ truth: RuleNode; value: RuleNode }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: "rule" },
    number,
    fc.constantFrom(...fields).map((field): RuleNode => ({ kind: "field", field })),
    fc
      .tuple(fc.constantFrom(1, 50, 99, 99.9), fc.constantFrom(...windows), fc.constantFrom(3_600_000, 86_400_000, 604_800_000))
      .map(([percent, field, periodMs]): RuleNode => ({ kind: "percentile", percent, field, periodMs })),
    fc.record({ kind: fc.constantFrom("negate" as const, "abs" as const), of: tie("value") }),
    fc.record({
      kind: fc.constant("arithmetic" as const),
      operator: fc.constantFrom("+" as const, "-" as const, "*" as const, "/" as const),
      left: tie("value"),
      right: tie("value"),
    }),
  ),
  truth: fc.oneof(
    { maxDepth: 3, depthIdentifier: "rule" },
    fc.record({
      kind: fc.constant("comparison" as const),
      operator: fc.constantFrom(...COMPARISONS),
      left: tie("value"),
      right: tie("value"),
    }),
    fc
      .tuple(fc.constantFrom(...texts), fc.nat(), fc.constantFrom("=" as const, "!=" as const))
      .map(([field, choice, operator]): RuleNode => {
        const code = choice % (field.values?.length ?? 1);
        const right = { kind: "text", value: field.values?.[code] ?? "", code } as const;
        return { kind: "comparison", operator, left: { kind: "field", field }, right };
      }),
    fc.record({ kind: fc.constant("not" as const), of: tie("truth") }),
    fc.record({ kind: fc.constantFrom("and" as const, "or" as const), left: tie("truth"), right: tie("truth") }),
  ),
}));
const condition = truth.filter((node) => {
  const nodes = nodesOf(node);
  return nodes.length <= MAX_NODES && nodes.some((part) => "field" in part) && !nodes.some(isRefused);
});

/** Whether a part divides by zero, or compares what is the same. */
function isRefused(node: RuleNode): boolean {
  if (node.kind === "arithmetic") return node.operator === "/" && constantOf(node.right) === 0;
  return node.kind === "comparison" && JSON.stringify(node.left) === JSON.stringify(node.right);
}

/** A rule of an odd number of parts. */
function parts(count: number): string {
  return `usd_value > 0${" + 1".repeat((count - 3) / 2)}`;
}

describe("the language of rules", () => {
  test("reads back every rule that it writes", () => {
    fc.assert(
      fc.property(condition, fc.constantFrom(0, 1_000, 900_000, 7_200_000), (node, cooldownMs) => {
        const rule = { condition: node, forMs: 0, cooldownMs };
        expect(parseRule(ruleText(rule))).toEqual(rule);
      }),
      { numRuns: 100, seed: 17 },
    );
  });

  test("refuses any other text with a place in it and what is allowed", () => {
    const words = [
      "long_usd_5m",
      "p99",
      "(",
      ")",
      ">",
      "<",
      "and",
      "not",
      "for",
      "30s",
      "7d",
      ",",
      "5",
      '"long"',
      "position_side",
      "-",
      "\n",
      "é",
      "cooldown",
    ];
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((chosen) => chosen.join(" ")),
    );
    fc.assert(
      fc.property(text, (rule) => {
        try {
          parseRule(rule);
        } catch (error) {
          if (!(error instanceof RuleError)) throw error;
          const line = rule.split("\n")[error.line - 1];
          expect(error.column - 1).toBeLessThanOrEqual(line?.length ?? -1);
          expect(error.message).toMatch(/^line \d+, column \d+: .+; (allowed: |did you mean )/s);
        }
      }),
      { numRuns: 500, seed: 17 },
    );
  });

  test("gives unknown fields the nearest names, and the place of a mistake in a later line", () => {
    expect(() => parseRule("usd_value > 5 and\n  long_usd_5 > 3")).toThrow(
      "line 2, column 3: long_usd_5 is no field; did you mean long_usd_5m, ",
    );
    expect(() => parseRule("spread_bsp < 5")).toThrow("did you mean spread_bps?");
  });

  test("takes 64 parts and refuses the 65th", () => {
    expect(nodesOf(parseRule(parts(63)).condition)).toHaveLength(63);
    expect(() => parseRule(`not ${parts(63)}`)).not.toThrow();
    expect(() => parseRule(parts(65))).toThrow("more than 64 parts");
    expect(() => parseRule(`${"(".repeat(65)}usd_value > 0`)).toThrow("nested more than 64 deep");
  });

  test.each([
    ["usd_value / 0 > 5", "line 1, column 13: this divides by zero, so it is always unknown; allowed: a divisor that is not 0"],
    ["1 > 0 and usd_value / (3 - 3) > 5", "column 24: this divides by zero"],
    ["spread_bps < 5 and usd_value / -0 > 5", "column 32: this divides by zero"],
    ["long_usd_5m != long_usd_5m", "column 1: both sides are the same, so this never changes; allowed: two sides that differ"],
    ["usd_value > 5 and spread_bps + 1 >= (spread_bps + 1)", "column 19: both sides are the same"],
    ["exchange = exchange", "column 1: "],
  ])("refuses what can never be known or never changes: %s", (rule, message) => {
    expect(() => parseRule(rule)).toThrow(message);
  });

  test("follows a stored rule that an earlier version accepted, though it would be refused today", () => {
    for (const rule of ["usd_value >= 1e6 or spread_bps / 0 > 5", "usd_value >= 1e6 and long_usd_5m = long_usd_5m"]) {
      expect(() => parseRule(rule)).toThrow(RuleError);
      expect(nodesOf(parseStoredRule(rule).condition).length).toBeGreaterThan(6);
    }
    expect(() => parseStoredRule("usd_value >")).toThrow(RuleError);
  });

  test("takes a divisor that may be zero at times, and sides that only look alike", () => {
    for (const rule of ["usd_value / open_interest_usd > 0", "usd_value / (0 + 1) > 0", "long_usd_5m > p99(long_usd_5m, 7d)"])
      expect(() => parseRule(rule)).not.toThrow();
  });

  test("reads its examples", () => {
    for (const { rule } of EXAMPLE_RULES) expect(parseRule(rule).condition).toBeDefined();
  });
});

const slots = new Map<string, number>();
const slotOf = (node: Parameters<typeof percentileText>[0]) => {
  const text = percentileText(node);
  if (!slots.has(text)) slots.set(text, RULE_FIELDS.length + slots.size);
  return slots.get(text) ?? 0;
};

const truthOf = (rule: string, values: Readonly<Record<string, number>>) => {
  const slotted = new Float64Array(SLOTS).fill(Number.NaN);
  for (const { name, slot } of RULE_FIELDS) slotted[slot] = values[name] ?? Number.NaN;
  return compileRule(parseRule(rule).condition, slotOf)(slotted);
};

describe("a rule over values of which some are unknown", () => {
  const known = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: SLOTS, maxLength: SLOTS });

  test("is never true or false unless it would be so whatever the unknown were", () => {
    fc.assert(
      fc.property(condition, known, fc.infiniteStream(fc.boolean()), (node, values, isUnknown) => {
        const evaluate = compileRule(node, slotOf);
        const all = Float64Array.from(values);
        const some = all.map((one) => (isUnknown.next().value === true ? Number.NaN : one));
        const result = evaluate(some);
        expect(result === 0 || result === 1 || Number.isNaN(result)).toBe(true);
        if (!Number.isNaN(result)) expect(evaluate(all)).toBe(result);
      }),
      { numRuns: 100, seed: 17 },
    );
  });

  test("is undetermined where it divides by an unknown or by zero, and decided where the rest decides", () => {
    expect(truthOf("usd_value / open_interest_usd > 0.1", { usd_value: 5 })).toBeNaN();
    expect(truthOf("not usd_value / open_interest_usd > 0.1", { usd_value: 5 })).toBeNaN();
    expect(truthOf("usd_value / open_interest_usd > 0.1", { usd_value: 5, open_interest_usd: 0 })).toBeNaN();
    expect(truthOf("usd_value > 9 and spread_bps < 5", { usd_value: 5 })).toBe(0);
    expect(truthOf("usd_value > 4 or spread_bps < 5", { usd_value: 5 })).toBe(1);
    expect(truthOf("usd_value > 4 and spread_bps < 5", { usd_value: 5 })).toBeNaN();
  });
});
