import type { RuleField } from "./rule-fields.ts";

export const COMPARISONS = ["<", "<=", ">", ">=", "=", "!="] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Arithmetic = "+" | "-" | "*" | "/";

export interface PercentileNode {
  readonly kind: "percentile";
  /** Above 0 and below 100. */
  readonly percent: number;
  /** One with a window. */
  readonly field: RuleField;
  readonly periodMs: number;
}

/** A node of a rule. It has a number, a text or a truth, each of which may be unknown. */
export type RuleNode =
  | { readonly kind: "number"; readonly value: number }
  /** A text, with its number among the values of the field that it is compared with. */
  | { readonly kind: "text"; readonly value: string; readonly code: number }
  | { readonly kind: "field"; readonly field: RuleField }
  | PercentileNode
  | { readonly kind: "negate" | "abs" | "not"; readonly of: RuleNode }
  | { readonly kind: "arithmetic"; readonly operator: Arithmetic; readonly left: RuleNode; readonly right: RuleNode }
  | { readonly kind: "comparison"; readonly operator: Comparison; readonly left: RuleNode; readonly right: RuleNode }
  | { readonly kind: "and" | "or"; readonly left: RuleNode; readonly right: RuleNode };

/** A rule that was read. */
export interface Rule {
  readonly condition: RuleNode;
  /** How long the condition has to hold before the rule fires, ms. */
  readonly forMs: number;
  /** Time after it fired in which it does not fire again for the same base asset, ms. */
  readonly cooldownMs: number;
}

/** The parts of a node. */
export function partsOf(node: RuleNode): readonly RuleNode[] {
  if ("of" in node) return [node.of];
  return "left" in node ? [node.left, node.right] : [];
}

/** A node and all below it. */
export function nodesOf(node: RuleNode): readonly RuleNode[] {
  return [node, ...partsOf(node).flatMap(nodesOf)];
}

/** The fields of a rule, each once, those of its percentiles included. */
export function fieldsOf({ condition }: Pick<Rule, "condition">): readonly RuleField[] {
  return [...new Set(nodesOf(condition).flatMap((node) => ("field" in node ? [node.field] : [])))];
}

export function percentilesOf({ condition }: Pick<Rule, "condition">): readonly PercentileNode[] {
  return nodesOf(condition).filter((node) => node.kind === "percentile");
}

/** Whether a rule is about single liquidations, so that it is looked at for each one and at no other time. */
export function isOfLiquidations(rule: Pick<Rule, "condition">): boolean {
  return fieldsOf(rule).some(({ group }) => group === "liquidation");
}

/** Why a rule about single liquidations cannot escalate. */
export const ESCALATION_NEEDS = "an escalation needs a condition that lasts, and this rule is about single liquidations";
