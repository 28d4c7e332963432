/**
 * Reads a frame in its usual spelling from left to right, for adapters that read such frames without parsing them. It
 * accepts only what `JSON.parse` reads the same way; where a read fails, the frame goes to the parser.
 */
export class TextScanner {
  #text = "";
  #at = 0;

  begin(text: string): void {
    this.#text = text;
    this.#at = 0;
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Passes over the character of this code where it comes next. */
  skip(wanted: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== wanted) return false;
    this.#at += 1;
    return true;
  }

  /** Passes over this text where it comes next. */
  skipText(wanted: string): boolean {
    if (!this.#text.startsWith(wanted, this.#at)) return false;
    this.#at += wanted.length;
    return true;
  }

  /** The name of a contract, of letters, digits, `_` and `-`; empty, and nothing read, where none comes next. */
  name(): string {
    const text = this.#text;
    const first = this.#at;
    let at = first;
    while (isOfName(text.charCodeAt(at))) at += 1;
    this.#at = at;
    return text.slice(first, at);
  }

  /** A number between quotes; NaN for anything else, of which a part may have been read. */
  quotedNumber(): number {
    if (!this.skip(QUOTE)) return Number.NaN;
    const value = this.number();
    return this.skip(QUOTE) ? value : Number.NaN;
  }

  /** Passes over a whole number without a sign, whose value nobody needs; false, and nothing read, where none comes next. */
  skipWhole(): boolean {
    const text = this.#text;
    const first = this.#at;
    let at = first;
    let code = text.charCodeAt(at);
    const isZeroFirst = code === ZERO;
    while (code >= ZERO && code <= NINE) code = text.charCodeAt(++at);
    if (at === first || (isZeroFirst && at > first + 1)) return false;
    this.#at = at;
    return true;
  }

  /**
   * A number as JSON spells it; NaN, and nothing read, where none comes next. Its digits on each side of the point are summed as
   * integers of 32 bits. Where both together are an exact double, so is the power of ten, and their quotient is the double nearest to the
   * text, as the parser's is.
   */
  number(): number {
    const text = this.#text;
    // Each character is read once: that takes longer than what is done with it.
    let at = this.#at;
    let code = text.charCodeAt(at);
    const isNegative = code === MINUS;
    if (isNegative) code = text.charCodeAt(++at);
    const first = at;
    const isZeroFirst = code === ZERO;
    let whole = 0;
    for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) whole = (Math.imul(whole, 10) + code - ZERO) | 0;
    const digits = at - first;
    if (digits === 0 || (digits > 1 && isZeroFirst)) return Number.NaN;
    let decimals = 0;
    let fraction = 0;
    if (code === POINT) {
      const point = at;
      for (code = text.charCodeAt(++at); code >= ZERO && code <= NINE; code = text.charCodeAt(++at))
        fraction = (Math.imul(fraction, 10) + code - ZERO) | 0;
      decimals = at - point - 1;
      if (decimals === 0) return Number.NaN;
    }
    if (digits + decimals > MAX_DIGITS || (code | LOWER_CASE) === E) return this.#longNumber(at);
    this.#at = at;
    const power = POWERS_OF_TEN[decimals] ?? Number.NaN;
    const fits = digits <= INTEGER_DIGITS && decimals <= INTEGER_DIGITS;
    const value = fits ? (decimals === 0 ? whole : (whole * power + fraction) / power) : digitsOf(text, first, at) / power;
    return isNegative ? -value : value;
  }

  /** A number as `number` reads it, or infinity where JSON's null comes next; NaN, and nothing read, for anything else. */
  numberOrInfinity(): number {
    return this.#text.charCodeAt(this.#at) === SMALL_N && this.skipText("null") ? Number.POSITIVE_INFINITY : this.number();
  }

  /** Passes over a number or JSON's null, whose value nobody needs; false where neither comes next, of which a part may have been read. */
  skipNumberOrNull(): boolean {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    if (code === SMALL_N) return this.skipText("null");
    if (code === MINUS) code = text.charCodeAt(++at);
    const first = at;
    const isZeroFirst = code === ZERO;
    while (code >= ZERO && code <= NINE) code = text.charCodeAt(++at);
    if (at === first || (isZeroFirst && at > first + 1)) return false;
    if (code === POINT) {
      const point = at;
      do code = text.charCodeAt(++at);
      while (code >= ZERO && code <= NINE);
      if (at === point + 1) return false;
    }
    this.#at = at;
    return (code | LOWER_CASE) !== E || this.#skipExponent();
  }

  #skipExponent(): boolean {
    EXPONENT.lastIndex = this.#at;
    if (!EXPONENT.test(this.#text)) return false;
    this.#at = EXPONENT.lastIndex;
    return true;
  }

  /** @param end where its digits end, and its exponent begins if it has one */
  #longNumber(end: number): number {
    const start = this.#at;
    this.#at = end;
    this.#skipExponent();
    return Number(this.#text.slice(start, this.#at));
  }
}

/** All digits of a number as one integer, its point left out. */
function digitsOf(text: string, first: number, end: number): number {
  let value = 0;
  for (let at = first; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code !== POINT) value = value * 10 + (code - ZERO);
  }
  return value;
}

/** The end of the text has the code NaN, which is no part of a name. */
function isOfName(code: number): boolean {
  return (
    (code >= A && code <= Z) ||
    (code >= ZERO && code <= NINE) ||
    code === MINUS ||
    (code >= LOWER_A && code <= LOWER_Z) ||
    code === LOW_LINE
  );
}

const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const [A, Z, LOWER_A, LOWER_Z, LOW_LINE] = [65, 90, 97, 122, 95];
const MINUS = 45;
const POINT = 46;
const EXPONENT = /[eE][-+]?\d+/y;
const E = 101;
const SMALL_N = 110;
/** Makes the code of a capital letter that of the small one. */
const LOWER_CASE = 32;
/** Digits whose integer has 32 bits in any case. */
const INTEGER_DIGITS = 9;
/** Digits whose integer is an exact double in any case. */
const MAX_DIGITS = 15;
const POWERS_OF_TEN: readonly number[] = Array.from({ length: MAX_DIGITS + 1 }, (_, power) => Number(`1e${power}`));
