/**
 * Reads a number as venues write it: a JSON number or a decimal text. Null for empty and blank texts, `NaN`,
 * infinities, hexadecimal and anything else that is not a number: `Number("")` would give a false zero.
 */
export function readNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !startsLikeDecimal(value)) return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** Like `readNumber`, but null for numbers that are not above zero: prices, times. */
export function readPositive(value: unknown): number | null {
  const parsed = readNumber(value);
  return parsed !== null && parsed > 0 ? parsed : null;
}

/** Two character codes instead of a regular expression, because this runs for every number of every ticker frame. */
function startsLikeDecimal(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === ZERO) return !RADIX_MARKS.has(text.charCodeAt(1));
  return (first > ZERO && first <= NINE) || first === MINUS || first === POINT;
}

const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const POINT = 46;
/** The second characters of `0x`, `0o` and `0b`, which `Number` accepts. */
const RADIX_MARKS: ReadonlySet<number> = new Set([..."xXoObB"].map((mark) => mark.charCodeAt(0)));
