import type { CascadeState as State } from "../../../src/cascade/cascade-record.ts";

export function CascadeState({ state }: { readonly state: State }) {
  return <span class={`cascade-state state-of-${state}`}>{state}</span>;
}
