import type { AdlState } from "../../../src/adl/adl-state.ts";
import { ADL_WORDS, fundText } from "./adl-text.ts";
import { Hint } from "./hint.tsx";
import { Unknown } from "./unknown.tsx";

/** A state of auto-deleveraging by its shape and in words. */
export function AdlMark({ state }: { readonly state: AdlState }) {
  return (
    <span class={`adl adl-${state}`}>
      <span class="adl-mark" aria-hidden="true" />
      {ADL_WORDS[state].name}
    </span>
  );
}

/** A state that explains itself; a dash with the reason where it is not known. */
export function AdlStateOf({ state, reason }: { readonly state: AdlState | null; readonly reason: string }) {
  if (state === null) return <Unknown reason={reason} />;
  return (
    <Hint hint={ADL_WORDS[state].text}>
      <AdlMark state={state} />
    </Hint>
  );
}

interface FundProps {
  readonly balance: number | null;
  /** Null where the venue does not name it. */
  readonly currency: string | null;
  /** Why there is no balance. */
  readonly reason: string;
}

/** The balance of an insurance fund in the venue's currency. */
export function Fund({ balance, currency, reason }: FundProps) {
  if (balance === null) return <Unknown reason={reason} />;
  if (currency !== null) return <span class="num">{fundText(balance, currency)}</span>;
  return (
    <Hint hint="The venue does not name the currency." class="num">
      {fundText(balance, currency)}
    </Hint>
  );
}
