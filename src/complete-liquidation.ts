import type { CollectorFields, CrossVenueFields, Liquidation, MarketFields, VenueLiquidation } from "./liquidation.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "./liquidation-fields.ts";

const UNKNOWN: Readonly<Record<string, null>> = Object.fromEntries(LIQUIDATION_FIELDS.map((field) => [field.name, null]));

/** What is known of a liquidation beside the venue's own word. */
export type KnownFields = Omit<CollectorFields, "schema_version"> & Partial<MarketFields & CrossVenueFields>;

/** The whole record, fields in the list's order; what is not known is null. */
export function completeLiquidation(venue: VenueLiquidation, known: KnownFields): Liquidation {
  return { ...UNKNOWN, ...venue, ...known, schema_version: SCHEMA_VERSION } as Liquidation;
}

/** A record read back from a text or a store that leaves nulls out. */
export function restoreLiquidation(known: Partial<Liquidation>): Liquidation {
  return { ...UNKNOWN, ...known } as Liquidation;
}
