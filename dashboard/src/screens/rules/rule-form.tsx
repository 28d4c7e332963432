import { useState } from "preact/hooks";
import { EXAMPLE_RULES } from "../../../../src/rules/example-rules.ts";
import { HOUR_MS } from "../../../../src/windows/calendar.ts";
import { type Outcome, api, ask } from "../../api/client.ts";
import type { Rule, RulePreview } from "../../api/schema.ts";
import { Panel } from "../../parts/panel.tsx";
import { FailureView, Loading } from "../../parts/state-view.tsx";
import { now } from "../../stream/server-clock.ts";
import { FieldList } from "./field-list.tsx";
import { DeliveryFields } from "./delivery-fields.tsx";
import { endpointsText } from "./delivery-text.ts";
import { type RuleDraft, bodyOf, deliveryMistake, draft, escalationOf, mistakeIn, rulesChanged, symbolsOf } from "./rule-draft.ts";
import { RuleEditor } from "./rule-editor.tsx";
import { PreviewView } from "./preview-view.tsx";

const RANGES = [
  { hours: 24, text: "24 hours" },
  { hours: 72, text: "3 days" },
  { hours: 168, text: "7 days" },
] as const;

type Answer =
  | { readonly of: "preview"; readonly outcome: Outcome<RulePreview> }
  | { readonly of: "save"; readonly outcome: Outcome<Rule>; readonly isNew: boolean };

/** Writes a rule: its text with mistakes in place, what it would have done, and then the rule itself. */
export function RuleForm() {
  const [hours, setHours] = useState<number>(24);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [isBusy, setBusy] = useState(false);
  const current = draft.value;
  const mistake = mistakeIn(current.text);
  const set = (changes: Partial<typeof current>) => (draft.value = { ...current, ...changes });
  const run = async (make: () => Promise<Answer>) => {
    setBusy(true);
    setAnswer(null);
    setAnswer(await make());
    setBusy(false);
  };
  const isFaulty = mistake !== null || deliveryMistake(current) !== null;
  const preview = () => run(async () => ({ of: "preview", outcome: await previewOf(current, hours) }));
  const save = () => run(async () => ({ of: "save", outcome: await saved(), isNew: current.id === null }));
  return (
    <div class="rule-form-panels">
      <Panel title={current.id === null ? "New rule" : "Edit a rule"} class="rule-form-panel">
        <form
          class="rule-form"
          onSubmit={(event) => {
            event.preventDefault();
            void preview();
          }}
        >
          <label class="field">
            <span>Name</span>
            <input required maxLength={100} value={current.name} onInput={({ currentTarget }) => set({ name: currentTarget.value })} />
          </label>
          <label class="field">
            <span>Base assets</span>
            <input
              required
              placeholder="BTC, ETH"
              value={current.symbols}
              onInput={({ currentTarget }) => set({ symbols: currentTarget.value })}
            />
          </label>
          <RuleEditor text={current.text} mistake={mistake} onText={(text) => set({ text })} />
          <DeliveryFields key={current.id} draft={current} set={set} />
          <div class="form-actions">
            <label class="field rule-range">
              <span>Preview of the last</span>
              <select class="input" value={hours} onInput={({ currentTarget }) => setHours(Number(currentTarget.value))}>
                {RANGES.map((range) => (
                  <option key={range.hours} value={range.hours}>
                    {range.text}
                  </option>
                ))}
              </select>
            </label>
            <button type="submit" class="button" disabled={isBusy || mistake !== null}>
              Preview
            </button>
            <button type="button" class="button button-main" disabled={isBusy || isFaulty} onClick={() => void save()}>
              {current.id === null ? "Create the rule" : "Save the rule"}
            </button>
            {current.id === null ? null : (
              <button type="button" class="button" onClick={() => set({ id: null })}>
                Make it a new one
              </button>
            )}
          </div>
        </form>
        <Examples />
        <FieldList />
      </Panel>
      <Panel title="What it would have done" class="rule-preview-panel">
        {isBusy ? <Loading /> : <AnswerView answer={answer} retry={() => void preview()} />}
      </Panel>
    </div>
  );
}

function Examples() {
  return (
    <div class="rule-examples">
      <h3>Start from an example</h3>
      <ul>
        {EXAMPLE_RULES.map(({ name, rule, description }) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => (draft.value = { ...draft.peek(), id: null, name, text: rule })}>
              {name}
            </button>
            <span> {description}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function AnswerView({ answer, retry }: { readonly answer: Answer | null; readonly retry: () => void }) {
  if (answer === null)
    return (
      <p class="rules-note">
        A preview runs the rule over stored liquidations as the hub would: when it would have fired, and what buying or selling each time
        would have earned over an hour after cost, beside the analyst and a coin.
      </p>
    );
  if (answer.outcome.kind === "failed") return <FailureView failure={answer.outcome.failure} reload={retry} />;
  if (answer.of === "preview") return <PreviewView preview={answer.outcome.data as RulePreview} />;
  return (
    <p class="rules-note verified" role="status">
      {answer.isNew ? "The rule is followed from now on." : "The rule is saved."} {endpointsText((answer.outcome.data as Rule).endpoints)}
    </p>
  );
}

function previewOf(of: RuleDraft, hours: number): Promise<Outcome<RulePreview>> {
  const start = Math.floor(now.peek()) - hours * HOUR_MS;
  const body = { rule: of.text, symbols: symbolsOf(of), start, escalate_after_s: escalationOf(of) };
  return ask(api.POST("/v1/rules/preview", { body }));
}

async function saved(): Promise<Outcome<Rule>> {
  const { id } = draft.peek();
  const body = bodyOf(draft.peek());
  const outcome = await ask(
    id === null ? api.POST("/v1/rules", { body }) : api.PATCH("/v1/rules/{id}", { params: { path: { id } }, body }),
  );
  if (outcome.kind === "ok") rulesChanged.value += 1;
  return outcome;
}
