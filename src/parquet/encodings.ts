import { Encoding } from "parquet-wasm/esm";
import type { Liquidation } from "../liquidation.ts";
import type { FieldSpec, FieldType } from "../liquidation-fields.ts";

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

const BY_NAME: Partial<Record<keyof Liquidation, ColumnEncoding>> = {
  event_id: { dictionary: false, encoding: Encoding.DELTA_LENGTH_BYTE_ARRAY },
  // Doubles on the price or size grid of a venue, or unchanged over many rows.
  price: dictionary,
  quantity: dictionary,
  contracts: dictionary,
  average_price: dictionary,
  limit_price: dictionary,
  last_filled_quantity: dictionary,
  bankruptcy_loss: dictionary,
  funding_rate: dictionary,
  best_bid: dictionary,
  best_ask: dictionary,
  spread_bps: dictionary,
  branching_ratio: dictionary,
  // Doubles that repeat only within a burst: Snappy finds the copies.
  mark_price: plain,
  index_price: plain,
  open_interest_usd: plain,
  // Integers with few distinct values.
  concurrent_exchanges: dictionary,
  lag_resolution_ms: dictionary,
  schema_version: dictionary,
  adapter_version: dictionary,
};

export function columnEncoding(field: FieldSpec & { readonly name: keyof Liquidation }): ColumnEncoding {
  return BY_NAME[field.name] ?? BY_TYPE[field.type];
}
