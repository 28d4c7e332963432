import { nearestNames } from "../nearest-names.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";
import { constantOf } from "./compile-rule.ts";
import { RuleError } from "./rule-error.ts";
import { RULE_FIELDS, type RuleField, ruleField } from "./rule-fields.ts";
import { type Token, tokensOf } from "./rule-tokens.ts";
import {
  type Arithmetic,
  COMPARISONS,
  type Comparison,
  type PercentileNode,
  type Rule,
  type RuleNode,
  isOfLiquidations,
  nodesOf,
} from "./rule-tree.ts";

export const MAX_NODES = 64;
export const MAX_RULE_CHARACTERS = 2_000;
export const DEFAULT_COOLDOWN_MS = 15 * MINUTE_MS;
export const MAX_FOR_MS = HOUR_MS;
export const MAX_COOLDOWN_MS = 7 * DAY_MS;
export const MIN_PERIOD_MS = HOUR_MS;
export const MAX_PERIOD_MS = 7 * DAY_MS;
/** Parentheses make no nodes, but each one makes the reader call itself. */
const MAX_DEPTH = 64;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const RESERVED: ReadonlySet<string> = new Set(["and", "or", "not", "for", "cooldown", "abs"]);
/** What may follow a whole condition. */
const AFTER_CONDITION = "and, or, for, cooldown or the end";

type Type = "number" | "text" | "truth";
/** A node with its type and the place where it begins. */
interface Read {
  readonly node: RuleNode;
  readonly type: Type;
  readonly offset: number;
}

/**
 * Reads a rule that somebody writes, such as `long_usd_5m > p99(long_usd_5m, 7d) and spread_bps < 5 for 30s cooldown 15m`.
 * @throws {RuleError} with line, column and what is allowed there
 */
export function parseRule(text: string): Rule {
  return readRule(text, true);
}

/**
 * Reads a rule that is stored. What says nothing is not refused here: an earlier version may have accepted it, and the rest of the
 * rule is followed as before.
 * @throws {RuleError} where it cannot be read
 */
export function parseStoredRule(text: string): Rule {
  return readRule(text, false);
}

function readRule(text: string, isWritten: boolean): Rule {
  if (text.length > MAX_RULE_CHARACTERS)
    throw new RuleError(text, MAX_RULE_CHARACTERS, `the rule has ${text.length} characters; allowed: up to ${MAX_RULE_CHARACTERS}`);
  return new Parser(text, isWritten).rule();
}

class Parser {
  readonly #text: string;
  /** Whether somebody writes the rule, so that what says nothing is refused. */
  readonly #isWritten: boolean;
  readonly #tokens: readonly Token[];
  #at = 0;
  #nodes = 0;
  #depth = 0;

  constructor(text: string, isWritten: boolean) {
    this.#text = text;
    this.#isWritten = isWritten;
    this.#tokens = tokensOf(text);
  }

  rule(): Rule {
    if (this.#tokens.length === 1) throw this.#error(this.#next, "the rule is empty; allowed: a condition such as usd_value > 1_000_000");
    const read = this.#or();
    if (read.type !== "truth")
      throw this.#error(read, `this is a ${read.type}, not a condition; allowed: a comparison such as usd_value > 1_000_000`);
    const condition = read.node;
    const forToken = this.#next;
    const forMs = this.#clause("for", 0, 0, MAX_FOR_MS);
    const cooldownMs = this.#clause("cooldown", DEFAULT_COOLDOWN_MS, 0, MAX_COOLDOWN_MS);
    if (this.#next.kind !== "end") throw this.#error(this.#next, `${shown(this.#next)} is not expected here; allowed: ${AFTER_CONDITION}`);
    if (!nodesOf(condition).some((node) => "field" in node))
      throw this.#error(read, "the condition has no field, so it never changes; allowed: at least one field such as usd_value");
    if (forMs > 0 && isOfLiquidations({ condition }))
      throw this.#error(
        forToken,
        "for needs a condition that lasts, and this one is about single liquidations; allowed: for with fields of market, window, cascade and feed",
      );
    return { condition, forMs, cooldownMs };
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", offset: this.#text.length };
  }

  #error({ offset }: { readonly offset: number }, reason: string, nearest: readonly string[] = []): RuleError {
    return new RuleError(this.#text, offset, reason, nearest);
  }

  /** Takes the next word where it is one of these. */
  #take(...texts: readonly string[]): Token | null {
    const token = this.#next;
    if ((token.kind !== "name" && token.kind !== "symbol") || !texts.includes(token.text)) return null;
    this.#at += 1;
    return token;
  }

  #expect(text: string, allowed: string): void {
    if (this.#take(text) === null) throw this.#error(this.#next, `${shown(this.#next)} is not expected here; allowed: ${allowed}`);
  }

  #made(node: RuleNode, type: Type, offset: number): Read {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES)
      throw this.#error(
        { offset },
        `the rule has more than ${MAX_NODES} parts here; allowed: ${MAX_NODES} fields, numbers, texts and operators together`,
      );
    return { node, type, offset };
  }

  #clause(word: string, missing: number, min: number, max: number): number {
    if (this.#take(word) === null) return missing;
    const allowed = `a duration from ${duration(min)} to ${duration(max)} such as 30s or 15m`;
    return this.#duration(allowed, min, max);
  }

  #duration(allowed: string, min: number, max: number): number {
    const token = this.#next;
    const ms = token.kind === "duration" ? Number(token.text.slice(0, -1)) * (UNIT_MS[token.text.slice(-1)] ?? Number.NaN) : Number.NaN;
    if (!(ms >= min && ms <= max)) throw this.#error(token, `${shown(token)} is not allowed here; allowed: ${allowed}`);
    this.#at += 1;
    return ms;
  }

  #or(): Read {
    return this.#logic("or", () => this.#logic("and", () => this.#not()));
  }

  #logic(kind: "and" | "or", part: () => Read): Read {
    let left = part();
    while (this.#take(kind) !== null) {
      const right = part();
      for (const side of [left, right])
        if (side.type !== "truth")
          throw this.#error(
            side,
            `${kind} joins conditions, and this is a ${side.type}; allowed: a comparison such as usd_value > 1_000_000`,
          );
      left = this.#made({ kind, left: left.node, right: right.node }, "truth", left.offset);
    }
    return left;
  }

  #not(): Read {
    const token = this.#take("not");
    if (token === null) return this.#comparison();
    const of = this.#deeper(token, () => this.#not());
    if (of.type !== "truth")
      throw this.#error(of, `not turns a condition around, and this is a ${of.type}; allowed: a comparison such as usd_value > 1_000_000`);
    return this.#made({ kind: "not", of: of.node }, "truth", token.offset);
  }

  #comparison(): Read {
    const left = this.#sum();
    const token = this.#take(...COMPARISONS);
    if (token === null) return left;
    const right = this.#sum();
    if (COMPARISONS.some((one) => one === this.#next.text))
      throw this.#error(this.#next, `a comparison has two sides; allowed: ${AFTER_CONDITION}, such as a < b and b < c`);
    return this.#compared(left, token, right);
  }

  #compared(left: Read, token: Token, right: Read): Read {
    const operator = token.text as Comparison;
    for (const side of [left, right])
      if (side.type === "truth") throw this.#error(side, "a condition cannot be compared; allowed: numbers and texts");
    if (left.type !== right.type)
      throw this.#error(token, `a ${left.type} is compared with a ${right.type}; allowed: two of the same kind`);
    if (left.type === "text" && operator !== "=" && operator !== "!=")
      throw this.#error(token, `${operator} has no meaning for texts; allowed: = and !=`);
    if (this.#isWritten && JSON.stringify(left.node) === JSON.stringify(right.node))
      throw this.#error(left, "both sides are the same, so this never changes; allowed: two sides that differ");
    if (left.type === "number")
      return this.#made({ kind: "comparison", operator, left: left.node, right: right.node }, "truth", left.offset);
    return this.#made({ kind: "comparison", operator, ...this.#texts(left, right) }, "truth", left.offset);
  }

  /** A field with texts and one of its texts, in either order. */
  #texts(left: Read, right: Read): { readonly left: RuleNode; readonly right: RuleNode } {
    const [field, text] = left.node.kind === "field" ? [left, right] : [right, left];
    if (field.node.kind !== "field" || text.node.kind !== "text")
      throw this.#error(left, 'texts are compared one way only; allowed: a field and a text such as exchange = "…"');
    const { name, values } = field.node.field;
    const { value } = text.node;
    const code = values?.indexOf(value) ?? -1;
    if (code < 0)
      throw this.#error(text, `${name} is never ${JSON.stringify(value)}; allowed: ${(values ?? []).map((one) => `"${one}"`).join(", ")}`);
    return { left: field.node, right: { kind: "text", value, code } };
  }

  #sum(): Read {
    return this.#arithmetic(["+", "-"], () => this.#arithmetic(["*", "/"], () => this.#signed()));
  }

  #arithmetic(operators: readonly Arithmetic[], part: () => Read): Read {
    let left = part();
    for (let token = this.#take(...operators); token !== null; token = this.#take(...operators)) {
      const right = part();
      for (const side of [left, right]) this.#requireNumber(side, token.text);
      if (this.#isWritten && token.text === "/" && constantOf(right.node) === 0)
        throw this.#error(right, "this divides by zero, so it is always unknown; allowed: a divisor that is not 0");
      left = this.#made(
        { kind: "arithmetic", operator: token.text as Arithmetic, left: left.node, right: right.node },
        "number",
        left.offset,
      );
    }
    return left;
  }

  #requireNumber(read: Read, operator: string): void {
    if (read.type !== "number")
      throw this.#error(read, `${operator} needs numbers, and this is a ${read.type}; allowed: numbers and fields that are numbers`);
  }

  #signed(): Read {
    const token = this.#take("-");
    if (token === null) return this.#operand();
    const of = this.#deeper(token, () => this.#signed());
    this.#requireNumber(of, "-");
    return this.#made({ kind: "negate", of: of.node }, "number", token.offset);
  }

  #operand(): Read {
    const token = this.#next;
    if (this.#take("(") !== null) return this.#deeper(token, () => this.#inside(() => this.#or()));
    if (this.#take("abs") !== null) {
      this.#expect("(", "( and a number");
      const of = this.#deeper(token, () => this.#inside(() => this.#sum()));
      this.#requireNumber(of, "abs");
      return this.#made({ kind: "abs", of: of.node }, "number", token.offset);
    }
    this.#at += 1;
    if (token.kind === "number") return this.#number(token);
    if (token.kind === "percentile") return this.#percentile(token);
    if (token.kind === "text") return this.#made({ kind: "text", value: token.text.slice(1, -1), code: -1 }, "text", token.offset);
    if (token.kind === "name" && !RESERVED.has(token.text)) {
      const field = this.#field(token);
      return this.#made({ kind: "field", field }, field.values === null ? "number" : "text", token.offset);
    }
    throw this.#error(
      token,
      `${shown(token)} is not expected here; allowed: a field, a number, a text in ", p99(field, 7d), abs(…), not or (`,
    );
  }

  #inside(part: () => Read): Read {
    const read = part();
    this.#expect(")", ")");
    return read;
  }

  #deeper<Result>(token: Token, part: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#error(token, `the rule is nested more than ${MAX_DEPTH} deep here; allowed: ${MAX_DEPTH}`);
    const result = part();
    this.#depth -= 1;
    return result;
  }

  #number(token: Token): Read {
    const value = Number(token.text.replaceAll("_", ""));
    if (!Number.isFinite(value)) throw this.#error(token, `${token.text} is too large; allowed: numbers up to 1.7e308`);
    return this.#made({ kind: "number", value }, "number", token.offset);
  }

  #percentile(token: Token): Read {
    const percent = Number(token.text.slice(1));
    if (!(percent > 0)) throw this.#error(token, `${token.text} is no percentile; allowed: p1 to p99, or with decimals up to p99.999`);
    this.#expect("(", "( with a field and a period such as (long_usd_5m, 7d)");
    const place = this.#next;
    if (place.kind !== "name")
      throw this.#error(place, `${shown(place)} is not expected here; allowed: a field of a window such as long_usd_5m`);
    this.#at += 1;
    const field = this.#field(place);
    if (field.window === null)
      throw this.#error(place, `${field.name} has no percentiles; allowed: fields of windows: ${WINDOW_NAMES.join(", ")}`);
    this.#expect(",", ", and a period such as 7d");
    const periodMs = this.#duration(
      `a period from ${duration(MIN_PERIOD_MS)} to ${duration(MAX_PERIOD_MS)} such as 24h or 7d`,
      MIN_PERIOD_MS,
      MAX_PERIOD_MS,
    );
    this.#expect(")", ")");
    return this.#made({ kind: "percentile", percent, field, periodMs } satisfies PercentileNode, "number", token.offset);
  }

  #field(token: Token): RuleField {
    const field = ruleField(token.text);
    if (field !== null) return field;
    const nearest = nearestFields(token.text);
    const meant = nearest.length === 0 ? "allowed: the fields that GET /v1/rules/fields lists" : `did you mean ${nearest.join(", ")}?`;
    throw this.#error(token, `${token.text} is no field; ${meant}`, nearest);
  }
}

const WINDOW_NAMES = RULE_FIELDS.filter(({ window }) => window !== null).map(({ name }) => name);

function nearestFields(name: string): readonly string[] {
  return nearestNames(
    name.toUpperCase(),
    RULE_FIELDS.map((field) => field.name.toUpperCase()),
  ).map((one) => one.toLowerCase());
}

function shown({ kind, text }: Token): string {
  return kind === "end" ? "the end of the rule" : JSON.stringify(text);
}

/** A duration as a rule writes it, in the largest unit that gives a whole number. */
export function duration(ms: number): string {
  const unit = ["d", "h", "m"].find((one) => ms > 0 && ms % (UNIT_MS[one] ?? 1) === 0) ?? "s";
  return `${ms / (UNIT_MS[unit] ?? 1_000)}${unit}`;
}
