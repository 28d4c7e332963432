import type { Action as ActionName } from "../../../src/signals/verdict.ts";

const SHAPES: Readonly<Record<ActionName, string>> = {
  BUY: "M0 6.8h8L4 .6z",
  SELL: "M0 1.2h8L4 7.4z",
  NOTHING: "M0 3h8v2H0z",
};

/** What an analyst decided, by word, shape and colour. */
export function Action({ action }: { readonly action: ActionName }) {
  return (
    <span class={`action action-${action.toLowerCase()}`}>
      <svg class="side-mark" viewBox="0 0 8 8" aria-hidden="true">
        <path d={SHAPES[action]} />
      </svg>
      {action}
    </span>
  );
}
