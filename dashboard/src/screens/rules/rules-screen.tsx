import { apiKey } from "../../api/key.ts";
import { openKeyDialog } from "../../shell/dialogs.ts";
import { RuleForm } from "./rule-form.tsx";
import { RuleList } from "./rule-list.tsx";
import "./rules.css";

/** Rules of the visitor's key: an editor with a preview on stored liquidations, and what happened to each. */
export function RulesScreen() {
  return (
    <div class="rules">
      <h1 class="sr-only">Rules</h1>
      {apiKey.value === null ? (
        <p class="rules-note">
          Rules need an API key with the scope <code>rules</code>, which whoever runs this server gives out.{" "}
          <button type="button" class="link" onClick={openKeyDialog}>
            Enter a key
          </button>
        </p>
      ) : null}
      <RuleForm />
      <RuleList />
    </div>
  );
}
