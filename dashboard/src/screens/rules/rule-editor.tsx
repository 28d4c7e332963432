import { useRef } from "preact/hooks";
import type { RuleError } from "../../../../src/rules/rule-error.ts";

interface RuleEditorProps {
  readonly text: string;
  readonly mistake: RuleError | null;
  readonly onText: (text: string) => void;
}

/** The text of a rule, with its mistake marked where it is. */
export function RuleEditor({ text, mistake, onText }: RuleEditorProps) {
  const backdrop = useRef<HTMLPreElement>(null);
  const at = mistake === null ? text.length : offsetOf(text, mistake);
  const end = mistake === null ? at : wordEnd(text, at);
  return (
    <div class="rule-editor">
      <label class="field" for="rule-text">
        <span>Rule</span>
      </label>
      <div class="rule-lines">
        <pre class="rule-backdrop" aria-hidden="true" ref={backdrop}>
          {text.slice(0, at)}
          {mistake === null ? null : <mark class="rule-mistake">{text.slice(at, end) || " "}</mark>}
          {text.slice(end)}
          {"\n"}
        </pre>
        <textarea
          id="rule-text"
          class="rule-text"
          rows={4}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          value={text}
          aria-invalid={mistake !== null}
          aria-describedby="rule-mistake"
          onInput={({ currentTarget }) => onText(currentTarget.value)}
          onScroll={({ currentTarget }) => {
            if (backdrop.current !== null) backdrop.current.scrollTop = currentTarget.scrollTop;
          }}
        />
      </div>
      <p id="rule-mistake" class={mistake === null ? "rule-good" : "fault"} role="status">
        {mistake === null ? "This can be read." : `Line ${mistake.line}, column ${mistake.column}: ${mistake.reason}`}
      </p>
    </div>
  );
}

function offsetOf(text: string, { line, column }: RuleError): number {
  const before = text.split("\n").slice(0, line - 1);
  return before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
}

/** End of the word at a place. */
function wordEnd(text: string, at: number): number {
  const word = /^(?:\w+|\S)/.exec(text.slice(at))?.[0].length ?? 0;
  return at + word;
}
