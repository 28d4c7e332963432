import { useState } from "preact/hooks";
import { apiKey, isPossibleKey, setApiKey } from "../api/key.ts";
import { isKept } from "../store/kept.ts";
import { Dialog } from "./dialog.tsx";
import { openDialog } from "./dialogs.ts";

/** Where a visitor gives the page an API key. */
export function KeyDialog() {
  return (
    <Dialog name="key" title="API key">
      {openDialog.value === "key" ? <KeyForm /> : null}
    </Dialog>
  );
}

function KeyForm() {
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const done = () => (openDialog.value = null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isPossibleKey(text)) return setFault("A key has 8 to 200 letters, digits and signs, without spaces.");
    setApiKey(text);
    done();
  };
  const forget = () => {
    setApiKey(null);
    done();
  };
  return (
    <form class="form" onSubmit={submit}>
      <p>
        The key stays in this browser{isKept() ? "" : ", until the page is closed (storage is off)"}. It is sent to this server only, in a
        header, and never stands in an address.
      </p>
      <label class="field">
        <span>{apiKey.value === null ? "Key" : "Another key"}</span>
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={text}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : "key-fault"}
          placeholder="liq_…"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      {fault === null ? null : (
        <p class="fault" id="key-fault" role="alert">
          {fault}
        </p>
      )}
      <div class="form-actions">
        {apiKey.value === null ? null : (
          <button type="button" class="button" onClick={forget}>
            Forget the key
          </button>
        )}
        <button type="submit" class="button button-main">
          Use the key
        </button>
      </div>
    </form>
  );
}
