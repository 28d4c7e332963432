import type { CollectorFields, CrossVenueFields, Liquidation, MarketFields, VenueLiquidation } from "./liquidation.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "./liquidation-fields.ts";

const UNKNOWN: Readonly<Record<string, null>> = Object.fromEntries(LIQUIDATION_FIELDS.map((field) => [field.name, null]));

/** The fields of a liquidation that the venue does not report. */
export type KnownFields = Omit<CollectorFields, "schema_version"> & Partial<MarketFields & CrossVenueFields>;

/** The complete record with its fields in the order of the list; unknown ones are null. */
export function completeLiquidation(venue: VenueLiquidation, known: KnownFields): Liquidation {
  return { ...UNKNOWN, ...venue, ...known, schema_version: SCHEMA_VERSION } as Liquidation;
}

/** A record that was read from a text or a store without nulls. */
export function restoreLiquidation(known: Partial<Liquidation>): Liquidation {
  return { ...UNKNOWN, ...known } as Liquidation;
}
