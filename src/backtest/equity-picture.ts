import { DAY_MS, HOUR_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { EquityPoint } from "./equity.ts";

export interface EquityPicture {
  readonly title: string;
  /** What the curve is of, in one line. */
  readonly subtitle: string;
  readonly points: readonly EquityPoint[];
  /** Time of which nothing is stored, shaded. */
  readonly missing: readonly TimeRange[];
}

const WIDTH = 960;
const HEIGHT = 560;
const LEFT = 76;
const RIGHT = WIDTH - 24;
const EQUITY = { top: 104, bottom: 344 } as const;
const DRAWDOWN = { top: 388, bottom: 496 } as const;

/** Light by default; dark where the reader's system is. */
const STYLE = `
  :root { --paper: #ffffff; --ink: #1b2430; --soft: #5b6777; --grid: #e3e7ec; --gain: #0b6e63; --loss: #b3382c; --gap: #eef1f4; }
  @media (prefers-color-scheme: dark) {
    :root { --paper: #11161d; --ink: #e8edf3; --soft: #9aa7b6; --grid: #2a3440; --gain: #4fd1b8; --loss: #ff8a75; --gap: #1b232d; }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
  .paper { fill: var(--paper); } .gap { fill: var(--gap); }
  .title { font-size: 18px; font-weight: 600; fill: var(--ink); } .axis { fill: var(--ink); }
  .grid { stroke: var(--grid); } .zero { stroke: var(--soft); }
  .equity { fill: none; stroke: var(--gain); stroke-width: 2; stroke-linejoin: round; }
  .drawdown { fill: var(--loss); fill-opacity: 0.22; stroke: var(--loss); stroke-width: 1.25; stroke-linejoin: round; }`;

/** A picture of equity and drawdown, as SVG that stands alone. The same points give the same bytes. */
export function equityPicture({ title, subtitle, points, missing }: EquityPicture): string {
  const [start, end] = [points[0]?.time ?? 0, points.at(-1)?.time ?? 1];
  const x = scale(start, end, LEFT, RIGHT);
  const equity = points.map(({ equity_bps: bps }) => bps / 100);
  const drawdown = points.map(({ drawdown_bps: bps }) => bps / 100);
  const [low, high] = [Math.min(0, ...equity), Math.max(0, ...equity)];
  const upper = panel(EQUITY, low, high, "Equity, % of the stake");
  const lower = panel(DRAWDOWN, Math.min(0, ...drawdown), 0, "Drawdown, % of the stake");
  const steps = points.map(({ time }, index) => [x(time), upper.y(equity[index] ?? 0)] as const);
  const falls = points.map(({ time }, index) => [x(time), lower.y(drawdown[index] ?? 0)] as const);
  const shaded = missing.flatMap((range) => {
    const [from, to] = [Math.max(range.start, start), Math.min(range.end, end)];
    const box = (top: number, bottom: number) =>
      `<rect class="gap" x="${fixed(x(from))}" y="${top}" width="${fixed(x(to) - x(from))}" height="${bottom - top}"/>`;
    return from < to ? [box(EQUITY.top, EQUITY.bottom), box(DRAWDOWN.top, DRAWDOWN.bottom)] : [];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title subtitle">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text id="title" class="title" x="24" y="34">${escaped(title)}</text>`,
    `<text id="subtitle" x="24" y="56">${escaped(subtitle)}</text>`,
    ...shaded,
    ...upper.lines,
    ...lower.lines,
    ...timeAxis(start, end, x),
    `<path class="drawdown" d="M${LEFT} ${fixed(lower.y(0))} ${line(falls)} L${RIGHT} ${fixed(lower.y(0))} Z"/>`,
    `<path class="equity" d="M${line(steps).slice(1)}"/>`,
    "</svg>",
    "",
  ].join("\n");
}

interface Panel {
  readonly y: (value: number) => number;
  readonly lines: readonly string[];
}

function panel({ top, bottom }: { readonly top: number; readonly bottom: number }, low: number, high: number, label: string): Panel {
  const step = niceStep((high - low || 1) / (bottom - top > 200 ? 5 : 3));
  const [first, last] = [Math.floor(low / step) * step, Math.max(Math.ceil(high / step) * step, Math.floor(low / step) * step + step)];
  const y = scale(first, last, bottom, top);
  const count = Math.round((last - first) / step);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const lines = Array.from({ length: count + 1 }, (_, index) => {
    const value = first + index * step;
    const at = fixed(y(value));
    const text = Math.abs(value) < step / 2 ? "0" : value.toFixed(digits).replace("-", "−");
    const kind = text === "0" ? "zero" : "grid";
    return `<line class="${kind}" x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 10}" y="${fixed(y(value) + 4)}" text-anchor="end">${text}</text>`;
  });
  return { y, lines: [`<text class="axis" x="24" y="${top - 14}">${label}</text>`, ...lines] };
}

/** Dates at midnight UTC, or hours where the range is short. */
function timeAxis(start: number, end: number, x: (time: number) => number): readonly string[] {
  const step = [
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    5 * DAY_MS,
    10 * DAY_MS,
    30 * DAY_MS,
    60 * DAY_MS,
  ].find((one) => (end - start) / one <= 10);
  const used = step ?? 90 * DAY_MS;
  const first = Math.ceil(start / used) * used;
  const ticks = Array.from({ length: Math.max(0, Math.floor((end - first) / used) + 1) }, (_, index) => first + index * used);
  const label = (time: number) =>
    new Date(time)
      .toISOString()
      .slice(5, used < DAY_MS ? 16 : 10)
      .replace("T", " ");
  return [
    ...ticks.map((time) => {
      const at = fixed(x(time));
      return `<line class="grid" x1="${at}" x2="${at}" y1="${EQUITY.top}" y2="${DRAWDOWN.bottom}"/><text x="${at}" y="${DRAWDOWN.bottom + 22}" text-anchor="middle">${label(time)}</text>`;
    }),
    `<text class="axis" x="${RIGHT}" y="${HEIGHT - 16}" text-anchor="end">Time, UTC (${new Date(start).toISOString().slice(0, 10)} to ${new Date(end).toISOString().slice(0, 10)})</text>`,
  ];
}

function scale(from: number, to: number, left: number, right: number): (value: number) => number {
  return (value) => left + ((value - from) / (to - from || 1)) * (right - left);
}

/** 1, 2 or 5 times a power of ten, at least this. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least * 0.999) ?? 10) * power;
}

function line(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y]) => `L${fixed(x)} ${fixed(y)}`).join(" ");
}

function fixed(value: number): string {
  return String(Number(value.toFixed(2)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
