import { RuleError } from "./rule-error.ts";

export type TokenKind = "number" | "duration" | "percentile" | "name" | "text" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Place of its first character in the rule. */
  readonly offset: number;
}

/** The kinds in the order in which they are tried: `30s` is a duration and not the number 30. */
const KINDS: readonly (readonly [Exclude<TokenKind, "end">, RegExp])[] = [
  ["duration", /\d{1,9}(?:s|m|h|d)(?![\w.])/y],
  ["number", /(?:\d[\d_]*)(?:\.\d+)?(?:e[+-]?\d{1,3})?(?![\w.])/y],
  ["percentile", /p\d{1,2}(?:\.\d{1,3})?(?=\s*\()/y],
  ["name", /[A-Za-z_]\w*/y],
  ["text", /"[^"\n]{0,60}"/y],
  ["symbol", /<=|>=|!=|[<>=+\-*/(),]/y],
];
const SPACE = /\s*/y;

/**
 * The words of a rule; the last one is its end.
 * @throws {RuleError} at the first character that begins none
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let offset = after(SPACE, text, 0); offset < text.length;) {
    const token = tokenAt(text, offset);
    tokens.push(token);
    offset = after(SPACE, text, offset + token.text.length);
  }
  return [...tokens, { kind: "end", text: "", offset: text.length }];
}

function tokenAt(text: string, offset: number): Token {
  for (const [kind, pattern] of KINDS) {
    const end = after(pattern, text, offset);
    if (end > offset) return { kind, text: text.slice(offset, end), offset };
  }
  const [character = ""] = text.slice(offset);
  if (character === '"') throw new RuleError(text, offset, 'a text has no end; allowed: up to 60 characters between two " on one line');
  if (/\d/.test(character))
    throw new RuleError(
      text,
      offset,
      "this is neither a number nor a duration; allowed: numbers such as 5, 2.5, 1_000_000 or 1e6, durations such as 30s, 15m, 2h or 7d",
    );
  throw new RuleError(
    text,
    offset,
    `${JSON.stringify(character)} is not part of the language; allowed: names of fields, numbers, texts in ", < <= > >= = !=, + - * /, and, or, not, ( ) and ,`,
  );
}

function after(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  const found = pattern.exec(text);
  return found === null ? offset : offset + found[0].length;
}
