/** Values of a record in words; null where the value is absent or of another type. Times in ms. */

const THOUSAND = 1_000;
/** Symbols of sums, largest first. */
const UNITS = [
  { size: 1e12, symbol: "T" },
  { size: 1e9, symbol: "B" },
  { size: 1e6, symbol: "M" },
  { size: 1e3, symbol: "k" },
] as const;
const SIGNIFICANT_DIGITS = 6;
const MAX_TIME_MS = 8.64e15;

export function textOf(value: unknown): string | null {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : null;
}

export function listOf(value: unknown): string | null {
  return Array.isArray(value) && value.length > 0 ? value.map(String).join(", ") : textOf(value);
}

export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** `1,234` */
export function countOf(value: unknown): string | null {
  return shown(value, (count) => Math.round(count).toLocaleString("en-US"));
}

/** A sum at a glance: `$12.4M`. */
export function usdOf(value: unknown): string | null {
  return shown(value, (usd) => {
    // 999,950 rounds to a million.
    const unit = UNITS.find(({ size }) => Math.abs(usd) >= size * 0.9995);
    if (unit === undefined) return `$${Math.round(usd)}`;
    const amount = usd / unit.size;
    const digits = Math.abs(amount) >= 99.95 ? 0 : Math.abs(amount) >= 9.995 ? 1 : 2;
    return `$${amount.toFixed(digits)}${unit.symbol}`;
  });
}

/** A price with six digits, or all of its whole ones: `$79,812.5`. */
export function priceOf(value: unknown): string | null {
  return shown(value, (price) => `$${sixDigits(price)}`);
}

/** A value of any kind: a number with six digits, or all of its whole ones, a text unchanged, or `unknown`. */
export function valueText(value: unknown): string {
  return shown(value, sixDigits) ?? textOf(value) ?? "unknown";
}

function sixDigits(value: number): string {
  const whole = Math.max(1, Math.floor(Math.log10(Math.abs(value) || 1)) + 1);
  return value.toLocaleString("en-US", { maximumSignificantDigits: Math.min(21, Math.max(SIGNIFICANT_DIGITS, whole)) });
}

/** A move with its sign: 36.8 bps are `+0.37 %`. */
export function moveOf(bps: unknown): string | null {
  return shown(bps, (value) => signed(value / 100, 2));
}

/** A change with its sign: `+212 %`. */
export function changeOf(percent: unknown): string | null {
  return shown(percent, (value) => signed(value, 0));
}

/** A part of 1: `58 %`. */
export function shareOf(value: unknown): string | null {
  return shown(value, (share) => `${Math.round(100 * share)} %`);
}

/** `2026-11-22 07:00:00 UTC` */
export function timeOf(value: unknown): string | null {
  return shown(value, (time) =>
    Math.abs(time) <= MAX_TIME_MS
      ? `${new Date(time)
          .toISOString()
          .replace("T", " ")
          .replace(/\.\d+Z$/, "")} UTC`
      : String(time),
  );
}

/** `43 s`, `2 min 5 s`, `1 h 12 min` */
export function durationOf(value: unknown): string | null {
  return shown(value, (ms) => {
    const seconds = Math.max(0, Math.round(ms / THOUSAND));
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3_600) return `${Math.floor(seconds / 60)} min${rest(seconds % 60, "s")}`;
    return `${Math.floor(seconds / 3_600).toLocaleString("en-US")} h${rest(Math.floor((seconds % 3_600) / 60), "min")}`;
  });
}

function rest(value: number, unit: string): string {
  return value === 0 ? "" : ` ${value} ${unit}`;
}

function shown(value: unknown, show: (value: number) => string): string | null {
  const number = numberOf(value);
  return number === null ? null : show(number);
}

/** One that rounds to 0 has no sign. */
function signed(percent: number, digits: number): string {
  const amount = Math.abs(percent).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const sign = Number(Math.abs(percent).toFixed(digits)) === 0 ? "" : percent < 0 ? "−" : "+";
  return `${sign}${amount} %`;
}
