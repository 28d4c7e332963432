import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../../api/failure.ts";
import { Panel } from "../../parts/panel.tsx";
import { FailureView } from "../../parts/state-view.tsx";
import { type ChainProgress, NOT_BEGUN, verifyDecisions, verifyGrades } from "./verify-chain.ts";

interface Run {
  readonly decisions: ChainProgress;
  readonly grades: ChainProgress;
  readonly failure: Failure | null;
  readonly isRunning: boolean;
}

/** Recomputes both chains in this browser: nobody has to trust the server's own word. */
export function VerifyPanel() {
  const [run, setRun] = useState<Run | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const start = async () => {
    const controller = new AbortController();
    stop.current?.abort();
    stop.current = controller;
    let current: Run = { decisions: NOT_BEGUN, grades: NOT_BEGUN, failure: null, isRunning: true };
    const show = (change: Partial<Run>) => {
      current = { ...current, ...change };
      if (!controller.signal.aborted) setRun(current);
    };
    show({});
    const failure =
      (await verifyDecisions((decisions) => show({ decisions }), controller.signal)) ??
      (await verifyGrades((grades) => show({ grades }), controller.signal));
    show({ failure, isRunning: false });
  };
  return (
    <Panel title="Proof of the ledger" class="verify">
      <div class="verify-body">
        <p>
          Every decision and every grade carries the hash of the one before it. This browser recomputes them all from what the API
          publishes, with the input of each decision. A head that you kept earlier must still be among them:{" "}
          <code>npm run verify-ledger</code> checks that, and the grades themselves.
        </p>
        <button type="button" class="button" disabled={run?.isRunning === true} onClick={() => void start()}>
          {run === null ? "Verify in this browser" : run.isRunning ? "Verifying…" : "Verify again"}
        </button>
        {run === null ? null : (
          <div class="verify-result" role="status">
            <Chain name="decisions" progress={run.decisions} />
            <Chain name="grades" progress={run.grades} />
          </div>
        )}
        {run?.failure == null ? null : <FailureView failure={run.failure} reload={() => void start()} />}
      </div>
    </Panel>
  );
}

function Chain({ name, progress: { checked, head, mismatch, isDone } }: { readonly name: string; readonly progress: ChainProgress }) {
  if (mismatch !== null) {
    return (
      <p class="verify-wrong">
        <strong>
          {name}: record {mismatch.sequence} does not match.
        </strong>{" "}
        Its {mismatch.field} is <span class="hash">{mismatch.found}</span>, but should be <span class="hash">{mismatch.expected}</span>.
      </p>
    );
  }
  return (
    <p class={isDone ? "verify-good" : ""}>
      <strong>
        {isDone ? "✓ " : ""}
        {checked} {name}
      </strong>{" "}
      {isDone ? "match" : "checked so far"}
      {checked === 0 ? "." : ", head "}
      {checked === 0 ? null : <span class="hash">{head.hash}</span>}
    </p>
  );
}
