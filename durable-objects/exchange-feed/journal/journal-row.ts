import { restoreLiquidation } from "../../../src/complete-liquidation.ts";
import type { Liquidation } from "../../../src/liquidation.ts";

/** A liquidation as the journal's text: nulls are left out, which halves it. */
export function toJournal(liquidation: Liquidation): string {
  return JSON.stringify(liquidation, (_name, value: unknown) => (value === null ? undefined : value));
}

/** The liquidation of a journal's text, all fields present, in the list's order. */
export function fromJournal(text: string): Liquidation {
  return restoreLiquidation(JSON.parse(text));
}
