import type { PreviewedRuleEvent, RuleGrades, RulePreview, RuleSideGrade } from "../../api/schema.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { bpsText, countText, momentText, shareText } from "../../parts/format.ts";
import { Unknown } from "../../parts/unknown.tsx";
import { valuesText } from "./values-text.ts";

/** What a rule would have done over stored liquidations. */
export function PreviewView({ preview }: { readonly preview: RulePreview }) {
  const { fired, escalated, undetermined, liquidations, busiest_hour: busiest, too_often: isTooOften, missing, events, grades } = preview;
  return (
    <div class="rule-preview" role="status">
      <p>
        Would have fired <strong class="num">{countText(fired)}</strong> times, escalated <span class="num">{countText(escalated)}</span>{" "}
        times and been undetermined <span class="num">{countText(undetermined)}</span> times, over{" "}
        <span class="num">{countText(liquidations)}</span> liquidations from {momentText(preview.start_time)} to{" "}
        {momentText(preview.end_time)}.
      </p>
      <LooksView held={preview.held_share} undetermined={preview.undetermined_share} />
      {busiest === null ? null : (
        <p class={isTooOften ? "fault" : "rules-note"}>
          At most <span class="num">{countText(busiest.fired)}</span> times an hour, from {momentText(busiest.start_time)}.
          {isTooOften ? " A rule that fires so often is refused: narrow its condition, or lengthen its cooldown." : ""}
        </p>
      )}
      {missing.map(({ start_time: start, end_time: end }) => (
        <p class="fault" key={start}>
          Nothing is stored from {momentText(start)} to {momentText(end)}.
        </p>
      ))}
      <GradesTable grades={grades} />
      {events.length === 0 ? null : (
        <DataTable
          caption="When it would have fired"
          columns={EVENT_COLUMNS}
          rows={events}
          keyOf={({ kind, symbol, time, liquidation_id: id }) => `${kind} ${symbol} ${time} ${id}`}
        />
      )}
    </div>
  );
}

/** How much of the time the condition held, and how much nobody can tell: a rule that fired 0 times may be one or the other. */
function LooksView({ held, undetermined }: { readonly held: number | null; readonly undetermined: number | null }) {
  if (held === null || undetermined === null) return <p class="rules-note">There was nothing to look at in this time.</p>;
  return (
    <p class={undetermined === 1 ? "fault" : "rules-note"}>
      Its condition held at <span class="num">{shareText(held)}</span> of all looks
      {undetermined === 0 ? (
        "."
      ) : (
        <>
          {" "}
          and was undetermined at <span class="num">{shareText(undetermined)}</span>, because a field was unknown.
        </>
      )}
    </p>
  );
}

const EVENT_COLUMNS: readonly Column<PreviewedRuleEvent>[] = [
  { name: "Time", cell: ({ time }) => <span class="num">{momentText(time)}</span> },
  { name: "What", cell: ({ kind }) => <span class={`rule-kind rule-${kind}`}>{kind}</span> },
  { name: "Symbol", cell: ({ symbol }) => symbol },
  { name: "Values", cell: ({ values }) => <span class="num rule-values">{valuesText(values)}</span> },
];

interface GradeRow extends Pick<RuleSideGrade, "mean_net_bps" | "hit_rate"> {
  readonly name: string;
  readonly side: RuleSideGrade | null;
}

/** What trading each time would have earned, beside what the analyst and a coin did. */
function GradesTable({ grades }: { readonly grades: RuleGrades }) {
  const { graded, ungraded, buy, sell, coin, analyst } = grades;
  const rows: readonly GradeRow[] = [
    { name: "Buying each time", ...buy, side: buy },
    { name: "Selling each time", ...sell, side: sell },
    { name: "A coin", ...coin, side: null },
    { name: "The analyst", ...analyst, side: analyst },
  ];
  return (
    <div>
      <DataTable caption="Earned over an hour after cost" columns={GRADE_COLUMNS} rows={rows} keyOf={({ name }) => name} />
      <p class="rules-note">
        Over an hour after fees, spread, impact and funding: {countText(graded)} times graded, {countText(ungraded)} not, because the hour
        is not over or marks are missing. The past promises nothing.
      </p>
    </div>
  );
}

const GRADE_COLUMNS: readonly Column<GradeRow>[] = [
  { name: "Trade", cell: ({ name }) => name },
  { name: "Trades", align: "right", cell: ({ side }) => <Count value={side?.trades ?? null} /> },
  { name: "Episodes", align: "right", isWide: true, cell: ({ side }) => <Count value={side?.episodes ?? null} /> },
  {
    name: "Mean",
    align: "right",
    cell: ({ mean_net_bps: mean }) => <Shown text={mean === null ? null : bpsText(mean)} why="no trade is graded" />,
  },
  {
    name: "95 %",
    align: "right",
    isWide: true,
    cell: ({ side }) => {
      const { interval_low_bps: low = null, interval_high_bps: high = null } = side ?? {};
      return <Shown text={low === null || high === null ? null : `${bpsText(low)} to ${bpsText(high)}`} why="fewer than ten episodes" />;
    },
  },
  {
    name: "Hits",
    align: "right",
    cell: ({ hit_rate: hits }) => <Shown text={hits === null ? null : shareText(hits)} why="no trade is graded" />,
  },
];

function Count({ value }: { readonly value: number | null }) {
  return <Shown text={value === null ? null : countText(value)} why="a coin trades at the same moments" />;
}

function Shown({ text, why }: { readonly text: string | null; readonly why: string }) {
  return text === null ? <Unknown reason={why} /> : <span class="num">{text}</span>;
}
