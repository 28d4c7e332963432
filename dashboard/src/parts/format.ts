/** Numbers and times as text, the same on every screen. */

const USD_STEPS = [
  { least: 1e9, unit: "B" },
  { least: 1e6, unit: "M" },
  { least: 1e3, unit: "k" },
] as const;

/** `$1.23M`, three significant digits: what fits a dense table. */
export function shortUsd(usd: number): string {
  const size = Math.abs(usd);
  const sign = usd < 0 ? "−" : "";
  // 999,950 would read 1000k.
  const step = USD_STEPS.find(({ least }) => size >= least * 0.9995);
  if (step === undefined) return `${sign}$${size.toFixed(0)}`;
  const value = size / step.least;
  return `${sign}$${value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)}${step.unit}`;
}

/** A change: `+$1.23M`, `−$4.56k`. */
export function signedUsd(usd: number): string {
  return usd > 0 ? `+${shortUsd(usd)}` : shortUsd(usd);
}

/** `$1,234,567`, to the dollar. */
export function wholeUsd(usd: number): string {
  return `${usd < 0 ? "−" : ""}$${Math.abs(Math.round(usd)).toLocaleString("en-US")}`;
}

/** A price with the digits its size calls for: 84,120.5 and 0.0000123. */
export function priceText(price: number): string {
  const size = Math.abs(price);
  if (size >= 10_000) return price.toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (size >= 1) return price.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: size >= 100 ? 2 : 4 });
  if (size === 0) return "0";
  return price.toLocaleString("en-US", { maximumSignificantDigits: 5 });
}

export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** `+212%`, `−12.5%`. */
export function changeText(percent: number): string {
  const size = Math.abs(percent);
  const digits = size >= 100 ? 0 : 1;
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  return `${sign}${size.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}%`;
}

/** `+12.4 bps`, `−3.0 bps`. */
export function bpsText(bps: number): string {
  const sign = bps > 0 ? "+" : bps < 0 ? "−" : "";
  return `${sign}${Math.abs(bps).toFixed(1)} bps`;
}

/** A share between 0 and 1 as percent. Neither a part nor what lacks is rounded away: `>99.9%` is not 100 %, and `<0.1%` not 0. */
export function shareText(share: number): string {
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return ">99.9%";
  if (percent > 0 && percent < 0.1) return "<0.1%";
  if ((percent > 99 && percent < 100) || (percent > 0 && percent < 1)) return `${percent.toFixed(1)}%`;
  return `${percent.toFixed(0)}%`;
}

/** `1.8×`, `0.04×`. */
export function timesText(times: number): string {
  return `${times.toFixed(times >= 10 ? 0 : times >= 0.1 ? 1 : 2)}×`;
}

/** `97th`; a rank is never rounded up to 100. */
export function percentileText(percentile: number): string {
  const rank = Math.min(Math.floor(percentile * 100), 99);
  const tens = Math.floor(rank / 10) % 10;
  const suffix = tens === 1 ? "th" : (["th", "st", "nd", "rd"][rank % 10] ?? "th");
  return `${rank}${suffix}`;
}

/** `14:03:22`, UTC: venues and traders of all time zones read the same. */
export function clockText(time: number): string {
  return new Date(time).toISOString().slice(11, 19);
}

/** `2026-11-28 14:03:22 UTC`. */
export function momentText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const SPANS = [
  { ms: 86_400_000, unit: "d" },
  { ms: 3_600_000, unit: "h" },
  { ms: 60_000, unit: "m" },
  { ms: 1_000, unit: "s" },
] as const;

/** `850 ms`, `12 s`, `4 m 10 s`, `3 h 5 m`: two units at most. */
export function spanText(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 1_000) return `${Math.round(size)} ms`;
  const index = SPANS.findIndex((span) => size >= span.ms);
  const [first, second] = [SPANS[index], SPANS[index + 1]];
  if (first === undefined) return "0 s";
  const whole = Math.floor(size / first.ms);
  const rest = second === undefined ? 0 : Math.floor((size - whole * first.ms) / second.ms);
  return rest === 0 || second === undefined ? `${whole} ${first.unit}` : `${whole} ${first.unit} ${rest} ${second.unit}`;
}

/** `12 s ago`, in one unit: an age need not be exact, and must not jump. */
export function ageText(ms: number): string {
  const span = SPANS.find((candidate) => ms >= candidate.ms);
  return span === undefined ? "now" : `${Math.floor(ms / span.ms)} ${span.unit} ago`;
}
