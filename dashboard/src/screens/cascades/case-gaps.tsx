import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { GapBand } from "../../parts/gap-band.tsx";
import { gapText } from "../../parts/gap-text.ts";
import { Panel } from "../../parts/panel.tsx";
import { now } from "../../stream/server-clock.ts";

/** What was not covered while the cascade ran. */
export function CaseGaps({ cascade: { gaps, start_time: start, end_time: end } }: { readonly cascade: CascadeRecord }) {
  const until = Math.max(end ?? now.value, start + 1);
  return (
    <Panel title="Gaps during it" aside={<span class="num">{gaps.length}</span>}>
      <div class="case-gaps">
        <GapBand start={start} end={until} gaps={gaps} />
        {gaps.length === 0 ? (
          <p class="quiet">Every venue was connected from its beginning to its end.</p>
        ) : (
          <ul>
            {gaps.map((gap) => (
              <li key={gap.exchange + gap.from_time}>{gapText(gap)}</li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
