import { useState } from "preact/hooks";
import { MINUTE_MS } from "../../../../src/windows/calendar.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { type ShownGap, gapText } from "../../parts/gap-text.ts";
import { wholeUsd } from "../../parts/format.ts";
import { Side } from "../../parts/side.tsx";
import { type DayTotals, MINUTES } from "./parquet-day.ts";

const HALF = 60;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

interface MinuteChartProps {
  readonly date: string;
  readonly minutes: DayTotals["minutes"];
  readonly gaps: readonly ShownGap[];
}

/** The USD of each minute of a day: shorts up, longs down, gaps as grey bands. Heights are square roots, so that quiet minutes show. */
export function MinuteChart({ date, minutes, gaps }: MinuteChartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const start = Date.parse(date);
  const top = Math.max(1, ...minutes.long, ...minutes.short);
  const point = ({ currentTarget, clientX }: { readonly currentTarget: Element; readonly clientX: number }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setChosen(clamped(Math.floor(((clientX - left) / width) * MINUTES)));
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setChosen((minute) => clamped((minute ?? 0) + by));
  };
  return (
    <div class="minute-chart">
      <p class="minute-read" role="status">
        {chosen === null ? (
          <span class="minute-hint">Heights are square roots, so that quiet minutes show. Point at a minute, or use the arrow keys.</span>
        ) : (
          <Minute minute={chosen} {...{ minutes, gaps, start }} />
        )}
      </p>
      <div
        class="minute-plot"
        tabIndex={0}
        role="group"
        aria-label={`USD by minute of ${date}: the arrow keys choose a minute`}
        onPointerMove={point}
        onPointerLeave={() => setChosen(null)}
        onKeyDown={step}
      >
        <svg viewBox={`0 0 ${MINUTES} ${2 * HALF}`} preserveAspectRatio="none" aria-hidden="true">
          {gaps.map((gap) => (
            <rect
              key={gap.exchange + gap.from_time}
              class="minute-gap"
              x={clamped((gap.from_time - start) / MINUTE_MS)}
              width={Math.max(1.5, clamped(((gap.to_time ?? Infinity) - start) / MINUTE_MS) - clamped((gap.from_time - start) / MINUTE_MS))}
              y={0}
              height={2 * HALF}
            />
          ))}
          {HOURS.filter((hour) => hour % 3 === 0 && hour > 0).map((hour) => (
            <line key={hour} class="minute-grid" x1={hour * 60} x2={hour * 60} y1={0} y2={2 * HALF} />
          ))}
          <path class="minute-short" d={barsOf(minutes.short, top, -1)} />
          <path class="minute-long" d={barsOf(minutes.long, top, 1)} />
          <line class="minute-zero" x1={0} x2={MINUTES} y1={HALF} y2={HALF} />
          {chosen === null ? null : <line class="minute-chosen" x1={chosen + 0.5} x2={chosen + 0.5} y1={0} y2={2 * HALF} />}
        </svg>
        <div class="minute-hours num" aria-hidden="true">
          {[0, 6, 12, 18].map((hour) => (
            <span key={hour}>{String(hour).padStart(2, "0")}:00</span>
          ))}
        </div>
      </div>
      <HourTable minutes={minutes} />
    </div>
  );
}

interface MinuteProps {
  readonly minute: number;
  readonly minutes: DayTotals["minutes"];
  readonly gaps: readonly ShownGap[];
  /** Of the day, ms. */
  readonly start: number;
}

function Minute({ minute, minutes, gaps, start }: MinuteProps) {
  const [from, to] = [start + minute * MINUTE_MS, start + (minute + 1) * MINUTE_MS];
  const inside = gaps.find((gap) => gap.from_time < to && (gap.to_time ?? to) > from);
  return (
    <>
      <span class="num">{timeOf(minute)}</span>
      <Side side="long" /> <span class="num">{wholeUsd(minutes.long[minute] ?? 0)}</span>
      <Side side="short" /> <span class="num">{wholeUsd(minutes.short[minute] ?? 0)}</span>
      {inside === undefined ? null : <span class="minute-hint">{gapText(inside)}</span>}
    </>
  );
}

/** The same numbers by hour, for those who do not see the chart. */
function HourTable({ minutes }: { readonly minutes: DayTotals["minutes"] }) {
  const sum = (values: Float64Array, hour: number) => values.subarray(hour * 60, (hour + 1) * 60).reduce((total, usd) => total + usd, 0);
  return (
    <details class="minute-table">
      <summary>As a table, by hour</summary>
      <DataTable
        caption="USD by hour and side"
        rows={HOURS}
        keyOf={String}
        columns={[
          { name: "hour (UTC)", cell: (hour) => `${String(hour).padStart(2, "0")}:00` },
          { name: "longs", align: "right", cell: (hour) => wholeUsd(sum(minutes.long, hour)) },
          { name: "shorts", align: "right", cell: (hour) => wholeUsd(sum(minutes.short, hour)) },
        ]}
      />
    </details>
  );
}

function barsOf(values: Float64Array, top: number, direction: 1 | -1): string {
  return Array.from(values, (usd, minute) =>
    usd > 0 ? `M${minute + 0.5} ${HALF}v${(direction * HALF * Math.sqrt(usd / top)).toFixed(2)}` : "",
  ).join("");
}

function clamped(minute: number): number {
  return Math.max(0, Math.min(MINUTES - 1, minute));
}

function timeOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}
