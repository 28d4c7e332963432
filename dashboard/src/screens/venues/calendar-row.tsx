import { useState } from "preact/hooks";
import { HOUR_MS } from "../../../../src/windows/calendar.ts";
import { momentText, shareText } from "../../parts/format.ts";

interface CalendarRowProps {
  readonly exchange: string;
  /** Share of each step that was covered; null where it is not known. */
  readonly shares: readonly (number | null)[];
  readonly startTime: number;
  readonly stepMs: number;
}

/** A venue's steps as cells; the arrow keys walk through them, and the line beside them says what a cell is. */
export function CalendarRow({ exchange, shares, startTime, stepMs }: CalendarRowProps) {
  const [at, setAt] = useState<number | null>(null);
  const known = shares.filter((share) => share !== null);
  const mean = known.length === 0 ? null : known.reduce((sum, share) => sum + share, 0) / known.length;
  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(shares.length - 1, (at ?? shares.length) + step)));
  };
  const point = ({ currentTarget, clientX }: MouseEvent) => {
    if (!(currentTarget instanceof HTMLElement)) return;
    const { left, width } = currentTarget.getBoundingClientRect();
    setAt(Math.max(0, Math.min(shares.length - 1, Math.floor(((clientX - left) / width) * shares.length))));
  };
  return (
    <div class="calendar-row">
      <span class="calendar-venue">{exchange}</span>
      <div
        class="calendar-cells"
        role="slider"
        tabIndex={0}
        aria-label={`${exchange}: coverage by ${stepMs === HOUR_MS ? "hour" : "day"}`}
        aria-valuemin={0}
        aria-valuemax={shares.length - 1}
        aria-valuenow={at ?? shares.length - 1}
        aria-valuetext={stepText(at ?? shares.length - 1, shares, startTime, stepMs)}
        onKeyDown={walk}
        onMouseMove={point}
        onMouseLeave={() => setAt(null)}
        onBlur={() => setAt(null)}
      >
        {shares.map((share, index) => (
          <span key={index} class={`cell cell-${kindOf(share)}${index === at ? " cell-at" : ""}`} />
        ))}
      </div>
      <span class="calendar-said num">
        {at === null ? (mean === null ? "–" : shareText(mean)) : stepText(at, shares, startTime, stepMs)}
      </span>
    </div>
  );
}

function kindOf(share: number | null): "full" | "part" | "none" | "unknown" {
  if (share === null) return "unknown";
  if (share >= 1) return "full";
  return share > 0 ? "part" : "none";
}

function stepText(index: number, shares: readonly (number | null)[], startTime: number, stepMs: number): string {
  const share = shares[index];
  const time = momentText(startTime + index * stepMs).slice(5, stepMs === HOUR_MS ? 16 : 10);
  return `${time}: ${share == null ? "not known" : shareText(share)}`;
}
