import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { Grade, SignalWithGrades } from "../../api/schema.ts";
import { Action } from "../../parts/action.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { bpsText, changeText, momentText, priceText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Link } from "../../shell/router.tsx";
import { Calibrated } from "./probability.tsx";
import { gradeProblem } from "./grade-problem.ts";

const TRIGGERS = {
  spike: "a window that the spike rule calls a spike",
  escalation: "an escalation: twice the USD of the spike before",
  turn: "the turn of a flush",
} as const;

/** One decision: what was asked, what both analysts said, and what became of it. */
export function DecisionPanel({ id }: { readonly id: string }) {
  const loaded = useQuery(`signal ${id}`, () => ask(api.GET("/v1/signals/{id}", { params: { path: { id } } })), { refreshMs: 60_000 });
  return (
    <Panel
      title="Decision"
      class="decision"
      aside={
        <Link href="/signals" class="decision-close" aria-label="Close this decision">
          Close
        </Link>
      }
    >
      <StateView loaded={loaded}>{(signal) => <DecisionBody signal={signal} />}</StateView>
    </Panel>
  );
}

function DecisionBody({ signal }: { readonly signal: SignalWithGrades }) {
  const { action, symbol, window, created_time: time, paper, reason, reason_code: code, invalidation, trigger, grades } = signal;
  return (
    <div class="decision-body">
      <header class="decision-head">
        <Action action={action} />
        <strong>{symbol}</strong>
        <span>{window}</span>
        {paper ? <span class="paper">paper</span> : null}
        <span class="decision-time">
          <span class="num">{momentText(time)}</span>, <Age time={time} />
        </span>
      </header>
      <p class="decision-reason">{reason}</p>
      {invalidation === null ? null : (
        <p>
          <span class="label">Refuted if</span> {invalidation}
        </p>
      )}
      {code === null ? null : (
        <p>
          <span class="label">The model did not decide:</span> <code>{code}</code>
        </p>
      )}
      {trigger === undefined ? null : (
        <p>
          <span class="label">Asked because of</span> {TRIGGERS[trigger]}: longs <Change percent={signal.long_change_pct} />, shorts{" "}
          <Change percent={signal.short_change_pct} /> against the window before.
        </p>
      )}
      <Verdicts signal={signal} />
      <h3>Grades</h3>
      <DataTable caption="Grades by horizon" columns={GRADE_COLUMNS} rows={grades} keyOf={({ horizon }) => horizon} />
      <details class="decision-input">
        <summary>Input, as the analyst was given it</summary>
        {signal.statistics === null ? (
          <p>The stored input is not valid JSON: the hash of the record does not match it.</p>
        ) : (
          <pre tabIndex={0}>{JSON.stringify(signal.statistics, null, 2)}</pre>
        )}
      </details>
      <dl class="decision-hashes">
        <Hash name={`record ${signal.sequence}`} hash={signal.hash} />
        <Hash name="input" hash={signal.input_hash} />
        <Hash name="record before" hash={signal.previous_hash} />
      </dl>
    </div>
  );
}

function Change({ percent }: { readonly percent: number | null }) {
  if (percent === null) return <Unknown reason="The window before has none." />;
  return <span class="num">{changeText(percent)}</span>;
}

/** Both analysts on the same input; one where the rule model itself decided. */
function Verdicts({ signal }: { readonly signal: SignalWithGrades }) {
  return (
    <div class="verdicts">
      <OwnVerdict signal={signal} />
      {signal.analyst === "rules" ? null : <RuleVerdict signal={signal} />}
    </div>
  );
}

function OwnVerdict({ signal }: { readonly signal: SignalWithGrades }) {
  const { analyst, model, prompt_version: prompt, action, confidence, p_up: up, p_down: down, expected_net_bps: expected } = signal;
  const name = analyst === "rules" ? (signal.rule_version ?? "rule model") : (model ?? analyst);
  return (
    <dl class="verdict">
      <dt>{name}</dt>
      <dd>
        <Action action={action} />
        {action === "NOTHING" ? null : (
          <>
            {" "}
            stated <span class="num">{confidence.toFixed(0)}%</span>, calibrated <Calibrated decision={signal} />
          </>
        )}
      </dd>
      {typeof up === "number" && typeof down === "number" ? (
        <dd>
          up <span class="num">{(100 * up).toFixed(0)}%</span>, down <span class="num">{(100 * down).toFixed(0)}%</span>
          {typeof expected === "number" ? (
            <>
              , expected <span class="num">{bpsText(expected)}</span> after cost
            </>
          ) : null}
        </dd>
      ) : null}
      {prompt === null ? null : <dd>prompt {prompt}</dd>}
      {analyst === "rules" ? <RuleReason signal={signal} /> : null}
    </dl>
  );
}

function RuleVerdict({ signal }: { readonly signal: SignalWithGrades }) {
  const { rule_version: version, rule_action: action, rule_confidence: confidence } = signal;
  return (
    <dl class="verdict">
      <dt>{version ?? "rule model"}</dt>
      <dd>
        <Action action={action} />
        {action === "NOTHING" || confidence === undefined ? null : (
          <>
            {" "}
            stated <span class="num">{confidence.toFixed(0)}%</span>
          </>
        )}
      </dd>
      <RuleReason signal={signal} />
    </dl>
  );
}

function RuleReason({ signal: { rule_reason: reason } }: { readonly signal: SignalWithGrades }) {
  return reason === undefined ? null : <dd>{reason}</dd>;
}

const GRADE_COLUMNS: readonly Column<Grade>[] = [
  { name: "horizon", cell: ({ horizon }) => horizon },
  { name: "venue", isWide: true, cell: (grade) => grade.exchange ?? <Unknown reason={gradeProblem(grade)} /> },
  { name: "entry", align: "right", isWide: true, cell: (grade) => <GradedPrice grade={grade} price={grade.entry_price} /> },
  { name: "exit", align: "right", isWide: true, cell: (grade) => <GradedPrice grade={grade} price={grade.exit_price} /> },
  { name: "price moved", align: "right", cell: (grade) => <Bps grade={grade} bps={grade.forward_return_bps} /> },
  { name: "cost", align: "right", cell: (grade) => <Bps grade={grade} bps={grade.cost_bps} isSigned={false} /> },
  { name: "net", align: "right", cell: (grade) => <Bps grade={grade} bps={grade.net_return_bps} /> },
  { name: "rule model", align: "right", cell: (grade) => <Bps grade={grade} bps={grade.rule_net_return_bps} /> },
  { name: "fade", align: "right", isWide: true, cell: (grade) => <Bps grade={grade} bps={grade.fade_net_return_bps} /> },
];

function GradedPrice({ grade, price }: { readonly grade: Grade; readonly price: number | null }) {
  return price === null ? <Unknown reason={gradeProblem(grade)} /> : <span class="num">{priceText(price)}</span>;
}

function Bps({ grade, bps, isSigned = true }: { readonly grade: Grade; readonly bps: number | null; readonly isSigned?: boolean }) {
  return bps === null ? (
    <Unknown reason={gradeProblem(grade)} />
  ) : (
    <span class="num">{isSigned ? bpsText(bps) : `${bps.toFixed(1)} bps`}</span>
  );
}

function Hash({ name, hash }: { readonly name: string; readonly hash: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="hash" title={hash}>
        {hash}
      </dd>
    </div>
  );
}
