import { ESTIMATE_STATUSES, type VenueSideEstimate } from "./estimate.ts";
import { type ColumnSpec, EXCHANGES, POSITION_SIDES } from "../liquidation-fields.ts";

/** Raise it whenever a field is added or removed, or changes its meaning. */
export const ESTIMATE_SCHEMA_VERSION = 1;

/** An estimated total of one minute, base asset, venue and side. */
export interface EstimatedTotal extends VenueSideEstimate {
  /** Start of the minute, ms. */
  readonly minute: number;
  readonly symbol: string;
}

/**
 * The fields of an estimated total of a minute, in the order of the columns of its exports: the key of a row first. Every row
 * says by which method it was estimated and whether that method has passed its test.
 */
export const ESTIMATED_TOTAL_FIELDS = [
  { name: "minute", type: "time", nullable: false, description: "Start of the minute, by the venue's event time." },
  { name: "symbol", type: "text", nullable: false, description: "Base asset." },
  { name: "exchange", type: "text", nullable: false, values: EXCHANGES, description: "Name of the venue." },
  { name: "position_side", type: "text", nullable: false, values: POSITION_SIDES, description: "Side of the closed positions." },
  { name: "reported_events", type: "int32", nullable: false, description: "Number of liquidations that the venue reported." },
  {
    name: "reported_usd",
    type: "double",
    nullable: false,
    description: "Sum of their flow USD, notional_mark_usd where known, else usd_value: a lower bound.",
  },
  {
    name: "estimated_events",
    type: "double",
    nullable: true,
    description: "Estimated number of all liquidations, reported or not. An estimate, not a count; null where withheld.",
  },
  {
    name: "estimated_usd",
    type: "double",
    nullable: true,
    description: "Estimated USD of all liquidations, reported or not. An estimate, not a measurement; null where withheld.",
  },
  { name: "low_usd", type: "double", nullable: true, description: "Lower end of the 80 % interval of estimated_usd; null where withheld." },
  {
    name: "high_usd",
    type: "double",
    nullable: true,
    description: "Upper end of the 80 % interval of estimated_usd; null where withheld.",
  },
  { name: "method", type: "text", nullable: false, description: "Name and version of the method." },
  {
    name: "status",
    type: "text",
    nullable: false,
    values: ESTIMATE_STATUSES,
    description:
      "validated: the method passed its test on a venue that it was not fitted on. experimental: such a test was not possible, or had too little data. withheld: no number is given.",
  },
  {
    name: "reason",
    type: "text",
    nullable: true,
    description: "Why the estimate is withheld or experimental, for people; null where validated.",
  },
] as const satisfies readonly (ColumnSpec & { readonly name: keyof EstimatedTotal })[];

export const ESTIMATED_TOTAL_COLUMNS = ESTIMATED_TOTAL_FIELDS.map(({ name }) => name);
