import { Encoding } from "parquet-wasm/esm";
import type { Liquidation } from "../liquidation.ts";
import type { ColumnSpec, FieldType } from "../liquidation-fields.ts";
import type { MinuteMark } from "../minute-mark.ts";

/**
 * The encoding of each column, chosen by size after Snappy over 1,000 and 200,000 sample rows (`npm run bench`).
 * DuckDB, pyarrow and hyparquet read all of them.
 */
export type ColumnEncoding =
  /**
   * Dictionary: each distinct value once, then small numbers. Once the dictionary is full, the remaining values are
   * plain.
   */
  { readonly dictionary: true } | { readonly dictionary: false; readonly encoding: Encoding };

const dictionary: ColumnEncoding = { dictionary: true };
const plain: ColumnEncoding = { dictionary: false, encoding: Encoding.PLAIN };

const BY_TYPE: Record<FieldType, ColumnEncoding> = {
  text: dictionary,
  // Rows come nearly in time order, so steps are small.
  time: { dictionary: false, encoding: Encoding.DELTA_BINARY_PACKED },
  // Computed doubles never repeat: only sign, exponent and leading digits compress, once they are split into byte
  // streams.
  double: { dictionary: false, encoding: Encoding.BYTE_STREAM_SPLIT },
  int32: { dictionary: false, encoding: Encoding.DELTA_BINARY_PACKED },
  int64: { dictionary: false, encoding: Encoding.DELTA_BINARY_PACKED },
};

const BY_NAME: Readonly<Partial<Record<keyof Liquidation | keyof MinuteMark, ColumnEncoding>>> = {
  event_id: { dictionary: false, encoding: Encoding.DELTA_LENGTH_BYTE_ARRAY },
  // Doubles on the price or size grid of a venue, or unchanged over many rows.
  price: dictionary,
  quantity: dictionary,
  contracts: dictionary,
  average_price: dictionary,
  limit_price: dictionary,
  last_filled_quantity: dictionary,
  bankruptcy_loss: dictionary,
  venue_entry_price: dictionary,
  venue_leverage: dictionary,
  venue_position_quantity: dictionary,
  funding_rate: dictionary,
  best_bid: dictionary,
  best_ask: dictionary,
  spread_bps: dictionary,
  branching_ratio: dictionary,
  branching_ratio_se: dictionary,
  // Doubles that repeat only within a burst: Snappy finds the copies.
  mark_price: plain,
  index_price: plain,
  open_interest_usd: plain,
  // Prices of minute marks, which repeat neither on a grid nor from row to row, but within a symbol.
  open: plain,
  high: plain,
  low: plain,
  close: plain,
  // Integers with few distinct values.
  samples: dictionary,
  concurrent_exchanges: dictionary,
  lag_resolution_ms: dictionary,
  schema_version: dictionary,
  adapter_version: dictionary,
};

export function columnEncoding({ name, type }: ColumnSpec): ColumnEncoding {
  return (BY_NAME as Readonly<Record<string, ColumnEncoding | undefined>>)[name] ?? BY_TYPE[type];
}
