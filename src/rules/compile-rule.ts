import { type Arithmetic, type Comparison, type PercentileNode, type RuleNode, nodesOf } from "./rule-tree.ts";

/** The values of the fields, and then of the percentiles, each in its slot. NaN where unknown; a text is its number. */
export type RuleValues = Float64Array;

/** What a node is of these values. A truth is 1 or 0, and NaN where it is undetermined. */
export type Evaluate = (values: RuleValues) => number;

/**
 * A function for a node of a rule. Nothing that is unknown becomes false: a condition is false only where it would be for
 * every value that the unknown could have, as far as its and, or and not tell.
 */
export function compileRule(node: RuleNode, slotOfPercentile: (node: PercentileNode) => number): Evaluate {
  const compile = (part: RuleNode) => compileRule(part, slotOfPercentile);
  switch (node.kind) {
    case "number":
      return constant(node.value);
    case "text":
      return constant(node.code);
    case "field":
      return atSlot(node.field.slot);
    case "percentile":
      return atSlot(slotOfPercentile(node));
    case "negate":
      return negated(compile(node.of));
    case "abs":
      return absolute(compile(node.of));
    case "not":
      return opposite(compile(node.of));
    case "arithmetic":
      return arithmetic(node.operator, compile(node.left), compile(node.right));
    case "comparison":
      return comparison(node.operator, compile(node.left), compile(node.right));
    case "and":
      return both(compile(node.left), compile(node.right));
    case "or":
      return either(compile(node.left), compile(node.right));
  }
}

/** The value of a node without fields, NaN where it has none; null where it has a field. */
export function constantOf(node: RuleNode): number | null {
  if (nodesOf(node).some((part) => "field" in part)) return null;
  return compileRule(node, () => 0)(new Float64Array(0));
}

function constant(value: number): Evaluate {
  return () => value;
}

function atSlot(slot: number): Evaluate {
  return (values) => values[slot] ?? Number.NaN;
}

function negated(of: Evaluate): Evaluate {
  return (values) => -of(values);
}

function absolute(of: Evaluate): Evaluate {
  return (values) => Math.abs(of(values));
}

/** 1 − NaN is NaN: the opposite of what is undetermined is so too. */
function opposite(of: Evaluate): Evaluate {
  return (values) => 1 - of(values);
}

function both(left: Evaluate, right: Evaluate): Evaluate {
  return (values) => {
    const first = left(values);
    if (first === 0) return 0;
    const second = right(values);
    return second === 0 ? 0 : first * second;
  };
}

function either(left: Evaluate, right: Evaluate): Evaluate {
  return (values) => {
    const first = left(values);
    if (first === 1) return 1;
    const second = right(values);
    return second === 1 ? 1 : first + second;
  };
}

/** What has no finite result, such as a division by zero, is unknown. */
function arithmetic(operator: Arithmetic, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    case "+":
      return (values) => finite(left(values) + right(values));
    case "-":
      return (values) => finite(left(values) - right(values));
    case "*":
      return (values) => finite(left(values) * right(values));
    case "/":
      return (values) => finite(left(values) / right(values));
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

function comparison(operator: Comparison, left: Evaluate, right: Evaluate): Evaluate {
  const truth = (holds: (a: number, b: number) => boolean): Evaluate => {
    return (values) => {
      const a = left(values);
      const b = right(values);
      // Only NaN differs from itself.
      return a !== a || b !== b ? Number.NaN : holds(a, b) ? 1 : 0;
    };
  };
  switch (operator) {
    case "<":
      return truth((a, b) => a < b);
    case "<=":
      return truth((a, b) => a <= b);
    case ">":
      return truth((a, b) => a > b);
    case ">=":
      return truth((a, b) => a >= b);
    case "=":
      return truth((a, b) => a === b);
    case "!=":
      return truth((a, b) => a !== b);
  }
}
