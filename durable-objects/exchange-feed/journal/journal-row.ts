import { restoreLiquidation } from "../../../src/complete-liquidation.ts";
import type { Liquidation } from "../../../src/liquidation.ts";

/** The journal text of a liquidation: nulls are omitted, which halves it. */
export function toJournal(liquidation: Liquidation): string {
  return JSON.stringify(liquidation, (_name, value: unknown) => (value === null ? undefined : value));
}

/** The liquidation of a journal text, with all fields in the order of the list. */
export function fromJournal(text: string): Liquidation {
  return restoreLiquidation(JSON.parse(text));
}
