import { useEffect, useMemo } from "preact/hooks";
import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import type { Liquidation } from "../../api/schema.ts";
import { Choices } from "../../parts/choices.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { clockText, countText, momentText, priceText, spanText, wholeUsd } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { FailureView, Loading } from "../../parts/state-view.tsx";
import { openKeyDialog } from "../../shell/dialogs.ts";
import { Icon } from "../../shell/icon.tsx";
import { parameter, setParameters } from "../../shell/router.tsx";
import { serverNow } from "../../stream/server-clock.ts";
import { rangeOf, useCaseMarks } from "./case-queries.ts";
import { MarkPath } from "./mark-path.tsx";
import { type PathContent, VIEWS, type View, pathContent } from "./path-content.ts";
import { REPLAY_SPEEDS, Replay, type ReplaySpeed } from "./replay.ts";

const DEFAULT_SPEED: ReplaySpeed = "10×";
const VIEW_NAMES: Readonly<Record<View, string>> = { whole: "30 min before to 1 h after", close: "cascade alone" };

interface CasePathProps {
  readonly cascade: CascadeRecord;
  readonly events: readonly Liquidation[];
}

/** The mark price before, during and after, and the replay into it. */
export function CasePath({ cascade, events }: CasePathProps) {
  const marks = useCaseMarks(cascade);
  const replay = useMemo(() => new Replay(), []);
  useEffect(() => () => replay.stop(), []);
  const until = replay.time.value;
  const view = until === null ? (VIEWS.find((name) => name === parameter("view")) ?? "whole") : "close";
  const range = rangeOf(cascade);
  const shown = until === null ? events : replay.events.value;
  const content = pathContent({
    cascade,
    view,
    range: { start: range.start, end: Math.min(range.end, Math.max(serverNow(), cascade.start_time)) },
    marks: marks.data ?? [],
    events: shown,
    gaps: gapsOf(marks.meta?.gaps ?? cascade.gaps, marks.meta?.coverage ?? {}),
  });
  const whole =
    until === null ? content : withPathOf(content, pathContent({ cascade, view, range, marks: marks.data ?? [], events, gaps: [] }));
  return (
    <Panel title="Mark price" class="case-path" aside={<ViewChoice view={view} venue={marks.data?.[0]?.exchange ?? null} />}>
      {marks.data === null && marks.failure === null ? (
        <Loading />
      ) : marks.data === null && marks.failure !== null && events.length === 0 ? (
        <FailureView failure={marks.failure} reload={marks.reload} />
      ) : (
        <MarkPath cascade={cascade} content={whole} until={until} />
      )}
      <ReplayBar cascade={cascade} replay={replay} events={events} />
      <details class="path-table">
        <summary>As a table</summary>
        <PathTable content={content} />
      </details>
    </Panel>
  );
}

/** During a replay the line and the scale are those of the whole cascade, so that nothing moves as events come. */
function withPathOf(replayed: PathContent, whole: PathContent): PathContent {
  return { ...replayed, span: whole.span, lines: whole.lines };
}

/** Venues that publish no liquidations have nothing to miss. */
function gapsOf<Gap extends { readonly exchange: string }>(gaps: readonly Gap[], coverage: object): readonly Gap[] {
  return gaps.filter(({ exchange }) => (coverage as Readonly<Record<string, string>>)[exchange] !== "none");
}

function ViewChoice({ view, venue }: { readonly view: View; readonly venue: string | null }) {
  return (
    <>
      {venue === null ? null : <span class="quiet wide-only">{venue}</span>}
      <div class="choices" role="group" aria-label="Shown time">
        {VIEWS.map((name) => (
          <button type="button" class="choice" key={name} aria-pressed={name === view} onClick={() => setParameters({ view: name })}>
            {VIEW_NAMES[name]}
          </button>
        ))}
      </div>
    </>
  );
}

interface ReplayBarProps {
  readonly cascade: CascadeRecord;
  readonly replay: Replay;
  readonly events: readonly Liquidation[];
}

function ReplayBar({ cascade, replay, events }: ReplayBarProps) {
  const state = replay.state.value;
  const speed = REPLAY_SPEEDS.find((name) => name === `${parameter("speed")}×`) ?? DEFAULT_SPEED;
  const isBusy = state.kind === "opening" || state.kind === "running";
  return (
    <div class="replay">
      <button
        type="button"
        class="button"
        onClick={() => (isBusy ? replay.stop() : replay.start(cascade, events.at(-1)?.event_time ?? null, speed))}
      >
        <Icon name={isBusy ? "pause" : "play"} />
        {isBusy ? "Stop the replay" : "Replay"}
      </button>
      <Choices
        label="Speed of the replay"
        names={REPLAY_SPEEDS}
        chosen={speed}
        onChoose={(name) => setParameters({ speed: name === null ? null : name.replace("×", "") })}
      />
      <span class="replay-state" role="status">
        {state.kind === "idle" ? "The stream sends it again as it happened." : null}
        {state.kind === "opening" ? "Opening the stream." : null}
        {state.kind === "failed" ? `No replay: ${state.reason}` : null}
        {state.kind === "ended" ? `Replayed ${countText(replay.events.value.length)} of ${countText(events.length)} liquidations.` : null}
      </span>
      {state.kind === "failed" && state.needsKey ? (
        <button type="button" class="link" onClick={openKeyDialog}>
          Enter an API key
        </button>
      ) : null}
      {state.kind === "running" ? <ReplayClock replay={replay} /> : null}
    </div>
  );
}

/** Outside the announced text: a clock that runs would be read aloud without end. */
function ReplayClock({ replay }: { readonly replay: Replay }) {
  const time = replay.time.value;
  return (
    <span class="num">
      {time === null ? "" : clockText(time)} · {countText(replay.events.value.length)} liquidations
    </span>
  );
}

function PathTable({ content: { lines, bars, barMs } }: { readonly content: PathContent }) {
  return (
    <div class="path-tables">
      <DataTable
        caption="Mark prices around the cascade"
        rows={lines.flat()}
        keyOf={({ time, price }) => `${time} ${price}`}
        columns={[
          { name: "time", cell: ({ time }) => momentText(time) },
          { name: "mark", align: "right", cell: ({ price }) => priceText(price) },
          { name: "low", align: "right", cell: ({ low }) => priceText(low) },
          { name: "high", align: "right", cell: ({ high }) => priceText(high) },
        ]}
      />
      <DataTable
        caption="Liquidations by time"
        rows={bars}
        keyOf={({ time }) => String(time)}
        columns={[
          { name: `${spanText(barMs)} from`, cell: ({ time }) => momentText(time) },
          { name: "USD", align: "right", cell: ({ usd }) => wholeUsd(usd) },
          { name: "events", align: "right", cell: ({ events }) => countText(events) },
        ]}
      />
    </div>
  );
}
