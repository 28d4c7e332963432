import { useState } from "preact/hooks";
import { offsetText } from "./delivery-text.ts";
import { type RuleDraft, canEscalate, deliveryMistake } from "./rule-draft.ts";

interface DeliveryFieldsProps {
  readonly draft: RuleDraft;
  readonly set: (changes: Partial<RuleDraft>) => void;
}

type Setting = "escalateAfterS" | "quietStart" | "quietEnd" | "utcOffsetMinutes" | "digestMinutes";

/** Escalation, quiet hours and digest of a rule: an empty field means none. */
export function DeliveryFields({ draft, set }: DeliveryFieldsProps) {
  // Emptying the last field must not fold it away under the visitor's hands.
  const [open, setOpen] = useState(() => hasSettings(draft));
  const mistake = deliveryMistake(draft);
  const input = (name: Setting) => ({
    class: "input",
    value: draft[name],
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => set({ [name]: currentTarget.value }),
  });
  const isSingle = !canEscalate(draft.text);
  const offset = Number(draft.utcOffsetMinutes);
  return (
    <details class="rule-deliveries" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Escalation, quiet hours and digest</summary>
      <div class="rule-delivery-fields">
        <label class="field">
          <span>Escalate after, s</span>
          <input {...input("escalateAfterS")} type="number" min={10} max={86_400} step={1} placeholder="never" disabled={isSingle} />
        </label>
        <label class="field">
          <span>Digest every, min</span>
          <input {...input("digestMinutes")} type="number" min={5} max={1_440} step={1} placeholder="each at once" />
        </label>
      </div>
      <div class="rule-delivery-fields">
        <label class="field">
          <span>Quiet from</span>
          <input {...input("quietStart")} type="time" />
        </label>
        <label class="field">
          <span>Quiet to</span>
          <input {...input("quietEnd")} type="time" />
        </label>
        <label class="field">
          <span>Offset of these hours, min</span>
          <input {...input("utcOffsetMinutes")} type="number" min={-840} max={840} step={1} />
        </label>
      </div>
      {mistake === null ? null : (
        <p class="fault" role="status">
          {mistake}
        </p>
      )}
      <p class="rules-note">
        {isSingle ? "A rule about single liquidations cannot escalate: they do not last. " : ""}
        Quiet hours are in {Number.isFinite(offset) ? offsetText(offset) : "UTC"}. What happens in them, or until the next digest, is
        delivered as one message; an escalation is delivered at once.
      </p>
    </details>
  );
}

function hasSettings({ escalateAfterS, quietStart, quietEnd, digestMinutes }: RuleDraft): boolean {
  return [escalateAfterS, quietStart, quietEnd, digestMinutes].some((text) => text !== "");
}
