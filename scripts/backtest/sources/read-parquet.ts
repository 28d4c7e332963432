import { type Data, type RecordBatch, type Utf8, DataType, tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm/esm";
import { REPLAYED_FIELDS, type ReplayedEvent } from "../../../src/backtest/replayed-event.ts";
import { ARROW_TYPES } from "../../../src/parquet/columns.ts";
import { fileMetadata, parseFooter } from "../../../src/parquet/parquet-footer.ts";
import { type ReplayedField, replayedField } from "./replayed-record.ts";

/** Maximum number of rows in memory as columns, whatever the length of the file. */
const ROWS_AT_ONCE = 65_536;

export interface ParquetRows {
  readonly events: readonly ReplayedEvent[];
  /** The metadata object of the file; null where it is not a file of ours. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** The columns of a replay that the file lacks: read as null. */
  readonly lacking: readonly string[];
}

/**
 * The fields of a liquidation file that a replay reads; 200,000 rows take about a second. `loadParquet` must have been
 * called.
 * @throws {Error} where the file is not Parquet, or does not hold liquidations
 */
export function readParquetEvents(bytes: Uint8Array, wanted: (symbol: string) => boolean): ParquetRows {
  const footer = parseFooter(bytes);
  const events: ReplayedEvent[] = [];
  const lacking = new Set<string>();
  for (let offset = 0; offset === 0 || offset < footer.rows; offset += ROWS_AT_ONCE) {
    const table = tableFromIPC(readParquet(bytes, { offset, limit: ROWS_AT_ONCE, batchSize: ROWS_AT_ONCE }).intoIPCStream());
    for (const batch of table.batches) {
      for (const event of batchEvents(batch, lacking)) if (wanted(event.symbol)) events.push(event);
    }
  }
  return { events, metadata: fileMetadata(footer), lacking: [...lacking] };
}

/** Copied for each row and then filled: growing an object field by field takes three times as long. */
const EMPTY: Readonly<Record<string, string | number | null>> = Object.fromEntries(REPLAYED_FIELDS.map((name) => [name, null]));

type Column = readonly (string | number | null)[];

function batchEvents(batch: RecordBatch, lacking: Set<string>): readonly ReplayedEvent[] {
  const columns = REPLAYED_FIELDS.map((name): readonly [string, Column] => [name, column(batch, replayedField(name), lacking)]);
  return Array.from({ length: batch.numRows }, (_, row) => {
    const event = { ...EMPTY };
    for (const [name, values] of columns) event[name] = values[row] ?? null;
    return event as unknown as ReplayedEvent;
  });
}

function column(batch: RecordBatch, { name, type, nullable }: ReplayedField, lacking: Set<string>): Column {
  const data = batch.getChild(name)?.data[0];
  // A file of an older schema, or an export of some columns, lacks fields.
  if (data === undefined && nullable) {
    lacking.add(name);
    return [];
  }
  if (data === undefined || (!nullable && data.nullCount > 0)) throw new Error(`the column ${name} is missing or has nulls`);
  const wanted = String(ARROW_TYPES[type]);
  if (String(data.type) !== wanted) throw new Error(`the column ${name} is ${String(data.type)}; allowed: ${wanted}`);
  if (DataType.isUtf8(data.type)) return texts(data as Data<Utf8>);
  const numbers = Array.from(data.values as ArrayLike<number | bigint>, Number);
  return data.nullCount === 0 ? numbers : numbers.map((value, index) => (data.getValid(index) ? value : null));
}

function texts(data: Data<Utf8>): readonly (string | null)[] {
  const { length, valueOffsets, values } = data;
  const buffer = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Array.from({ length }, (_, index) =>
    data.nullCount > 0 && !data.getValid(index) ? null : buffer.toString("utf8", valueOffsets[index], valueOffsets[index + 1]),
  );
}
