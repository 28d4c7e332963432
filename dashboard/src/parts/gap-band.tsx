import { type ShownGap, gapText } from "./gap-text.ts";
import { Hint } from "./hint.tsx";

/** A stretch of time as a thin band, with what was not covered in grey hatching. */
export function GapBand({ start, end, gaps }: { readonly start: number; readonly end: number; readonly gaps: readonly ShownGap[] }) {
  const inside = gaps.filter(({ from_time: from, to_time: to }) => from < end && (to ?? end) > start);
  if (inside.length === 0) return <div class="gap-band" title="Every venue was covered." />;
  return (
    <Hint
      hint={inside.slice(0, 6).map((gap) => (
        <div key={gap.exchange + gap.from_time}>{gapText(gap)}</div>
      ))}
      class="gap-band"
    >
      {inside.map((gap) => {
        const from = Math.max(gap.from_time, start);
        const to = Math.min(gap.to_time ?? end, end);
        const left = (100 * (from - start)) / (end - start);
        const width = Math.max((100 * (to - from)) / (end - start), 0.4);
        return <span class="gap-part" key={gap.exchange + gap.from_time} style={{ left: `${left}%`, width: `${width}%` }} />;
      })}
    </Hint>
  );
}
