import { UNKNOWN_CROSS_VENUE_FIELDS } from "../../../src/cascade/cross-venue-fields.ts";
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

const CROSS_VENUE_FIELDS = Object.keys(UNKNOWN_CROSS_VENUE_FIELDS) as (keyof typeof UNKNOWN_CROSS_VENUE_FIELDS)[];

/** The known fields over all venues of a liquidation, as JSON. */
export function crossVenueFieldsText(liquidation: Liquidation): string {
  const known = CROSS_VENUE_FIELDS.flatMap((name) => (liquidation[name] === null ? [] : [[name, liquidation[name]]]));
  return JSON.stringify(Object.fromEntries(known));
}

/** A liquidation with fields that were stored with its batch, which keep their order. */
export function withFields(liquidation: Liquidation, fields: Partial<Liquidation> | undefined): Liquidation {
  return fields === undefined ? liquidation : { ...liquidation, ...fields };
}
