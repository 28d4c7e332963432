import type { COVERAGES, EXCHANGES, FieldGroup, LIQUIDATION_FIELDS, POSITION_SIDES, PRICE_KINDS } from "./liquidation-fields.ts";

export type ExchangeName = (typeof EXCHANGES)[number];
export type PositionSide = (typeof POSITION_SIDES)[number];
export type PriceKind = (typeof PRICE_KINDS)[number];
export type Coverage = (typeof COVERAGES)[number];

type Field = (typeof LIQUIDATION_FIELDS)[number];
type BareValue<F> = F extends { readonly values: readonly (infer V)[] } ? V : F extends { readonly type: "text" } ? string : number;
type Value<F> = F extends { readonly nullable: true } ? BareValue<F> | null : BareValue<F>;

/** One complete liquidation: the record that is journaled, stored in every sink and returned by the API. */
export type Liquidation = { readonly [F in Field as F["name"]]: Value<F> };

/** The fields of one group, see `FieldGroup`. */
type FieldsOf<Group extends FieldGroup> = Pick<Liquidation, Extract<Field, { readonly group: Group }>["name"]>;

/** The fields reported by the venue: everything an adapter can know from the frame and the instrument table. */
export type VenueLiquidation = FieldsOf<"venue">;

/** The fields about the arrival of the frame. */
export type CollectorFields = FieldsOf<"collector">;

/** The fields from the venue's market streams at the time of the event. */
export type MarketFields = FieldsOf<"market">;

/** The fields over all venues at the time of the event, computed by the hub. */
export type CrossVenueFields = FieldsOf<"cross_venue">;

/** The price impact after the event; never an input of a signal. */
export type ImpactFields = FieldsOf<"impact">;
