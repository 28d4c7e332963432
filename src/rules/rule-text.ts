import { DEFAULT_COOLDOWN_MS, duration } from "./parse-rule.ts";
import type { PercentileNode, Rule, RuleNode } from "./rule-tree.ts";

/** A rule in the language, with no parenthesis that it can do without at its outermost level. */
export function ruleText({ condition, forMs, cooldownMs }: Rule): string {
  const lasting = forMs === 0 ? "" : ` for ${duration(forMs)}`;
  const cooldown = cooldownMs === DEFAULT_COOLDOWN_MS ? "" : ` cooldown ${duration(cooldownMs)}`;
  return `${nodeText(condition, false)}${lasting}${cooldown}`;
}

export function percentileText({ percent, field, periodMs }: PercentileNode): string {
  return `p${percent}(${field.name}, ${duration(periodMs)})`;
}

function nodeText(node: RuleNode, isInner = true): string {
  switch (node.kind) {
    case "number":
      return String(node.value);
    case "text":
      return JSON.stringify(node.value);
    case "field":
      return node.field.name;
    case "percentile":
      return percentileText(node);
    case "abs":
      return `abs(${nodeText(node.of, false)})`;
    case "negate":
      return `-${nodeText(node.of)}`;
    case "not":
      return inner(`not ${nodeText(node.of)}`, isInner);
    case "arithmetic":
    case "comparison":
      return inner(`${nodeText(node.left)} ${node.operator} ${nodeText(node.right)}`, isInner);
    case "and":
    case "or":
      return inner(`${nodeText(node.left)} ${node.kind} ${nodeText(node.right)}`, isInner);
  }
}

function inner(text: string, isInner: boolean): string {
  return isInner ? `(${text})` : text;
}
