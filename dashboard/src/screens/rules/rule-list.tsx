import { useEffect, useState } from "preact/hooks";
import { api, ask } from "../../api/client.ts";
import type { Failure } from "../../api/failure.ts";
import { apiKey } from "../../api/key.ts";
import { useQuery } from "../../api/query.ts";
import type { Rule } from "../../api/schema.ts";
import { Panel } from "../../parts/panel.tsx";
import { Empty, FailureView, StateView } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { deliveryTexts, endpointsText, stateText } from "./delivery-text.ts";
import { draft, editRule, rulesChanged } from "./rule-draft.ts";
import { RuleHappenings } from "./rule-happenings.tsx";

const REFRESH_MS = 60_000;

/** The rules of the visitor's key, and what happened to each. */
export function RuleList() {
  const key = apiKey.value;
  const list = useQuery(key === null ? null : "rules", () => ask(api.GET("/v1/rules")), { refreshMs: REFRESH_MS });
  const changed = rulesChanged.value;
  useEffect(() => {
    if (changed > 0) list.reload();
  }, [changed]);
  return (
    <Panel title="Rules" class="rule-list-panel">
      {key === null ? (
        <Empty>The rules of your API key are listed here.</Empty>
      ) : (
        <StateView
          loaded={list}
          isEmpty={(rules) => rules.length === 0}
          empty="This key has no rule yet: preview one above, then create it."
        >
          {(rules) => (
            <ul class="rule-list">
              {rules.map((rule) => (
                <RuleRow key={rule.id} rule={rule} />
              ))}
            </ul>
          )}
        </StateView>
      )}
    </Panel>
  );
}

function RuleRow({ rule }: { readonly rule: Rule }) {
  const { id, name, enabled, followed, endpoints, symbols, created_time: created } = rule;
  const deliveries = deliveryTexts(rule);
  const [failure, setFailure] = useState<Failure | null>(null);
  const change = async (call: () => ReturnType<typeof ask>) => {
    const outcome = await call();
    setFailure(outcome.kind === "failed" ? outcome.failure : null);
    rulesChanged.value += 1;
  };
  const path = { params: { path: { id } } };
  const toggle = () => change(() => ask(api.PATCH("/v1/rules/{id}", { ...path, body: { enabled: !enabled } })));
  const remove = async () => {
    await change(() => ask(api.DELETE("/v1/rules/{id}", path) as Parameters<typeof ask>[0]));
    if (draft.peek().id === id) draft.value = { ...draft.peek(), id: null };
  };
  return (
    <li class="rule-row">
      <div class="rule-line">
        <strong>{name}</strong>
        <span class={followed ? "rule-on" : "rule-off"}>{stateText(rule)}</span>
        <span>{symbols.join(", ")}</span>
        <Age time={created} />
      </div>
      <code class="rule-code">{rule.rule}</code>
      {deliveries.length === 0 ? null : <p class="rule-off">{deliveries.join(" · ")}</p>}
      {endpoints === 0 && followed ? <p class="rule-unheard">{endpointsText(0)}</p> : null}
      <div class="rule-line">
        <button type="button" class="button" aria-label={`Edit ${name}`} onClick={() => editRule(rule)}>
          Edit
        </button>
        <button type="button" class="button" aria-label={`${enabled ? "Pause" : "Follow"} ${name}`} onClick={() => void toggle()}>
          {enabled ? "Pause" : "Follow"}
        </button>
        <DeleteButton name={name} remove={remove} />
      </div>
      {failure === null ? null : <FailureView failure={failure} reload={() => setFailure(null)} />}
      <RuleHappenings id={id} />
    </li>
  );
}

/** Asks once more before a rule and its history are gone. */
function DeleteButton({ name, remove }: { readonly name: string; readonly remove: () => Promise<void> }) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking)
    return (
      <button type="button" class="button" aria-label={`Delete ${name}`} onClick={() => setAsking(true)}>
        Delete
      </button>
    );
  return (
    <>
      <button type="button" class="button button-main" onClick={() => void remove()}>
        Delete it and its history
      </button>
      <button type="button" class="button" onClick={() => setAsking(false)}>
        Keep it
      </button>
    </>
  );
}
