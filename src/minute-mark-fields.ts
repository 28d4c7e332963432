import { type ColumnSpec, EXCHANGES } from "./liquidation-fields.ts";
import type { MinuteMark } from "./minute-mark.ts";

/** Raise it whenever a field is added or removed, or changes its meaning. */
export const MARK_SCHEMA_VERSION = 1;

/**
 * The fields of a minute mark, in the order of the columns of its files: the key of a row first. The Parquet schema, the
 * exports and the data dictionary are derived from it.
 */
export const MINUTE_MARK_FIELDS = [
  { name: "minute", type: "time", nullable: false, description: "Start of the minute, by the venue's time of its mark prices." },
  { name: "symbol", type: "text", nullable: false, description: "Base asset." },
  { name: "exchange", type: "text", nullable: false, values: EXCHANGES, description: "Name of the venue." },
  { name: "open", type: "double", nullable: false, description: "First mark price of the minute, of the venue's USDT contract." },
  { name: "high", type: "double", nullable: false, description: "Highest mark price of the minute." },
  { name: "low", type: "double", nullable: false, description: "Lowest mark price of the minute." },
  { name: "close", type: "double", nullable: false, description: "Last mark price of the minute." },
  {
    name: "samples",
    type: "int32",
    nullable: false,
    description:
      "Number of mark prices that arrived for the minute. A venue publishes about one to ten per second; few mean a part of a minute.",
  },
  {
    name: "spread_bps",
    type: "double",
    nullable: true,
    description: "Mean of the relative spread, 10⁴ (ask − bid) / mid, over samples of the best bid and ask at most every 5 s.",
  },
  {
    name: "volume_usd",
    type: "double",
    nullable: true,
    description:
      "A 1,440th of the contract's turnover of 24 hours, USD, which is all that venues give: it says nothing of the minute itself.",
  },
  { name: "funding_rate", type: "double", nullable: true, description: "Last funding rate known in the minute." },
  {
    name: "funding_interval_hours",
    type: "double",
    nullable: true,
    description: "Hours from one funding to the next, as the venue gives it: the rate is paid once in this time.",
  },
  { name: "index_price", type: "double", nullable: true, description: "Last index price known in the minute." },
  {
    name: "open_interest_usd",
    type: "double",
    nullable: true,
    description: "Last open interest known in the minute, of one side, at the mark price.",
  },
] as const satisfies readonly (ColumnSpec & { readonly name: keyof MinuteMark })[];

export const MINUTE_MARK_COLUMNS = MINUTE_MARK_FIELDS.map(({ name }) => name);
