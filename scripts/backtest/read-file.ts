import { type Data, type RecordBatch, type Utf8, DataType, tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm/esm";
import type { ReplayedEvent } from "../../src/backtest/replayed-event.ts";
import { REPLAYED_FIELDS } from "../../src/backtest/replayed-event.ts";
import type { Gap } from "../../src/gap.ts";
import { EXCHANGES, LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import { METADATA_KEY } from "../../src/parquet/encode.ts";

/** Maximum number of rows in memory as columns, whatever the length of the file. */
const ROWS_AT_ONCE = 65_536;

export interface StoredFile {
  readonly events: readonly ReplayedEvent[];
  /** The gaps in the metadata of the file. */
  readonly gaps: readonly Gap[];
}

/**
 * The fields of a liquidation file that a replay reads; 200,000 rows take about a second. `loadParquet` must have been
 * called.
 * @throws {Error} where the file is not Parquet, or does not hold liquidations
 */
export function readFile(bytes: Uint8Array, wanted: (symbol: string) => boolean): StoredFile {
  const events: ReplayedEvent[] = [];
  const gaps: Gap[] = [];
  for (let offset = 0; ; offset += ROWS_AT_ONCE) {
    const table = tableFromIPC(readParquet(bytes, { offset, limit: ROWS_AT_ONCE, batchSize: ROWS_AT_ONCE }).intoIPCStream());
    if (offset === 0) gaps.push(...gapsOf(table.schema.metadata.get(METADATA_KEY)));
    for (const batch of table.batches) {
      for (const event of batchEvents(batch)) if (wanted(event.symbol)) events.push(event);
    }
    if (table.numRows < ROWS_AT_ONCE) return { events, gaps };
  }
}

/** The gaps in the JSON of a batch's metadata or of a day's manifest. */
export function gapsOf(json: string | undefined): readonly Gap[] {
  const { gaps } = JSON.parse(json ?? "{}") as { readonly gaps?: unknown };
  return Array.isArray(gaps) ? gaps.filter(isGap) : [];
}

function isGap(value: unknown): value is Gap {
  if (typeof value !== "object" || value === null) return false;
  const { exchange, from_time: from, to_time: to } = value as Partial<Record<keyof Gap, unknown>>;
  return EXCHANGES.some((name) => name === exchange) && typeof from === "number" && (to === null || typeof to === "number");
}

/** Copied for each row and then filled: growing an object field by field takes three times as long. */
const EMPTY: Readonly<Record<string, string | number | null>> = Object.fromEntries(REPLAYED_FIELDS.map((name) => [name, null]));

type Column = readonly (string | number | null)[];

function batchEvents(batch: RecordBatch): readonly ReplayedEvent[] {
  const columns = REPLAYED_FIELDS.map((name): readonly [string, Column] => [name, column(batch, name)]);
  return Array.from({ length: batch.numRows }, (_, row) => {
    const event = { ...EMPTY };
    for (const [name, values] of columns) event[name] = values[row] ?? null;
    return event as unknown as ReplayedEvent;
  });
}

function column(batch: RecordBatch, name: string): Column {
  const data = batch.getChild(name)?.data[0];
  const nullable = LIQUIDATION_FIELDS.some((field) => field.name === name && field.nullable);
  // A file of an older schema lacks fields that were added later.
  if (data === undefined && nullable) return [];
  if (data === undefined || (!nullable && data.nullCount > 0))
    throw new Error(`not a file of liquidations: the column ${name} is missing or has nulls`);
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
