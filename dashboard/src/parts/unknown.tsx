import { Hint } from "./hint.tsx";

/** A value that nobody knows: a dash with its reason, never 0. */
export function Unknown({ reason }: { readonly reason: string }) {
  return (
    <Hint hint={reason} class="unknown">
      <span aria-hidden="true">–</span>
      <span class="sr-only">unknown</span>
    </Hint>
  );
}
