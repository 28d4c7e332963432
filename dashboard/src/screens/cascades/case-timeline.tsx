import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { shortUsd, spanText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Clock } from "../../parts/time.tsx";
import { type Moment, momentsOf, venueParts } from "./case-data.ts";
import type { KnownEvents } from "./case-queries.ts";

interface CaseTimelineProps {
  readonly cascade: CascadeRecord;
  readonly known: KnownEvents;
}

/** What happened when. */
export function CaseTimeline({ cascade, known: { events } }: CaseTimelineProps) {
  const moments = momentsOf(cascade, venueParts(events), events);
  return (
    <Panel title="Timeline" aside={<span class="quiet">from its first event</span>}>
      <ol class={`timeline side-${cascade.position_side}`}>
        {moments.map((moment) => (
          <li class={`moment moment-${moment.kind}`} key={`${moment.kind} ${moment.exchange} ${moment.time}`}>
            <span class="moment-offset num">{offsetText(moment.time - cascade.start_time)}</span>
            <span class="moment-text">{textOf(moment)}</span>
            <span class="moment-clock">
              <Clock time={moment.time} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function offsetText(ms: number): string {
  if (Math.abs(ms) >= 60_000) return `${ms < 0 ? "−" : "+"}${spanText(Math.abs(ms))}`;
  return `${ms < 0 ? "−" : "+"}${(Math.abs(ms) / 1_000).toFixed(1)} s`;
}

function textOf({ kind, exchange, usd }: Moment): string {
  switch (kind) {
    case "start":
      return "The flow began";
    case "venue":
      return `${exchange}: first of ${shortUsd(usd ?? 0)}`;
    case "largest":
      return `Largest liquidation, ${shortUsd(usd ?? 0)} on ${exchange}`;
    case "peak":
      return `Peak, ${shortUsd(usd ?? 0)} in a second`;
    case "gap":
      return `${exchange} is no longer covered`;
    case "covered":
      return `${exchange} is covered from here on`;
    case "end":
      return "The flow ended";
  }
}
