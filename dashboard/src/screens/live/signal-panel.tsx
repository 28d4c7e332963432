import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import { Action } from "../../parts/action.tsx";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { latestSignal } from "../../store/live-store.ts";
import type { Signal } from "../../api/schema.ts";
import type { Decision } from "../../stream/frames.ts";

/** The newest decision, with its reason. */
export function SignalPanel() {
  const loaded = useQuery("latest signal", () => ask(api.GET("/v1/signals", { params: { query: { limit: 1 } } })));
  const streamed = latestSignal.value;
  return (
    <Panel title="Latest signal" class="signal">
      {streamed !== null ? (
        <SignalNumbers decision={streamed} />
      ) : (
        <StateView
          loaded={loaded}
          isEmpty={(list) => list.length === 0}
          empty="No spike has been judged yet. A decision appears here within seconds of a spike."
        >
          {([newest]) => (newest === undefined ? null : <SignalNumbers decision={newest} />)}
        </StateView>
      )}
    </Panel>
  );
}

function SignalNumbers({ decision }: { readonly decision: Decision | Signal }) {
  const { action, symbol, window, confidence, reason, paper, analyst, created_time: time, calibrated_probability: probability } = decision;
  return (
    <div class="signal-body">
      <div class="signal-head">
        <Action action={action} />
        <strong>{symbol}</strong>
        <span>{window}</span>
        <Age time={time} />
        {paper ? (
          <Hint hint="The record of this analyst does not show that it earns: do not act on the signal." class="paper">
            paper
          </Hint>
        ) : null}
      </div>
      <p class="signal-reason">{reason}</p>
      <div class="signal-foot">
        {action === "NOTHING" ? null : (
          <>
            <span>
              stated <span class="num">{confidence.toFixed(0)}%</span>
            </span>
            <span>
              calibrated{" "}
              {probability === null ? (
                <Unknown reason="Fewer than 100 decisions of this analyst are graded." />
              ) : (
                <span class="num">{(100 * probability).toFixed(0)}%</span>
              )}
            </span>
          </>
        )}
        <span>{analyst}</span>
      </div>
    </div>
  );
}
