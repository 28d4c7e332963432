import { Dialog } from "./dialog.tsx";
import { openDialog } from "./dialogs.ts";
import { allKeys } from "./keys.ts";

export function KeysDialog() {
  return (
    <Dialog name="keys" title="Keys">
      {openDialog.value === "keys" ? (
        <dl class="keys">
          {allKeys().map(({ key, what }) => (
            <div key={key}>
              <dt>
                <kbd>{key === " " ? "space" : key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </Dialog>
  );
}
