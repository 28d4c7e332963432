import { RULE_FIELDS, type RuleFieldGroup } from "../../../../src/rules/rule-fields.ts";
import { draft } from "./rule-draft.ts";

const GROUPS: readonly (readonly [RuleFieldGroup, string])[] = [
  ["window", "Windows"],
  ["liquidation", "The liquidation"],
  ["market", "The market"],
  ["cascade", "Cascades"],
  ["feed", "Feeds"],
];

/** Every field that a rule may use; pressing one adds it to the rule. */
export function FieldList() {
  return (
    <details class="rule-fields">
      <summary>Fields</summary>
      {GROUPS.map(([group, title]) => (
        <section key={group}>
          <h3>{title}</h3>
          <ul>
            {RULE_FIELDS.filter((field) => field.group === group).map(({ name, unit, description }) => (
              <li key={name}>
                <button type="button" class="link" title={description} onClick={() => append(name)}>
                  {name}
                </button>
                <span class="rule-unit">{unit}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <p class="rules-note">
        Percentiles such as <code>p99(long_usd_5m, 7d)</code> are of windows. A field that is unknown makes a rule undetermined, never
        false.
      </p>
    </details>
  );
}

function append(name: string): void {
  const { text } = draft.peek();
  draft.value = { ...draft.peek(), text: text === "" || /\s$/.test(text) ? text + name : `${text} ${name}` };
}
