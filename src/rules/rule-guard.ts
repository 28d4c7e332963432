import { constantOf } from "./compile-rule.ts";
import type { Comparison, RuleNode } from "./rule-tree.ts";

/** A comparison of a field with a constant that a rule cannot hold without. */
export interface RuleGuard {
  readonly slot: number;
  readonly operator: Comparison;
  readonly constant: number;
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!=" };

/** The first such comparison among the parts that `and` joins; null where there is none. */
export function guardOf(node: RuleNode): RuleGuard | null {
  if (node.kind === "and") return guardOf(node.left) ?? guardOf(node.right);
  if (node.kind !== "comparison") return null;
  const { left, right, operator } = node;
  if (left.kind === "field") return guard(left.field.slot, operator, right);
  return right.kind === "field" ? guard(right.field.slot, MIRRORED[operator], left) : null;
}

/** Null where the other side has a field, or no value. */
function guard(slot: number, operator: Comparison, node: RuleNode): RuleGuard | null {
  const constant = constantOf(node);
  return constant === null || Number.isNaN(constant) ? null : { slot, operator, constant };
}
