import { REPLAYED_FIELDS, type ReplayedEvent } from "../../../src/backtest/replayed-event.ts";
import { readSomeFields } from "../../../src/parquet/decode.ts";
import { columnNames, fileMetadata, parseFooter } from "../../../src/parquet/parquet-footer.ts";
import { OPTIONAL_COLUMNS, replayedField } from "./replayed-record.ts";

/** Maximum number of rows in memory as columns, whatever the length of the file. */
const ROWS_AT_ONCE = 65_536;

const FIELDS = REPLAYED_FIELDS.map(replayedField);

export interface ParquetRows {
  readonly events: readonly ReplayedEvent[];
  /** The metadata object of the file; null where it is not a file of ours. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** The columns of a replay that the file lacks: read as null. */
  readonly lacking: readonly string[];
}

/**
 * The fields of a liquidation file that a replay reads, whose columns alone are decoded; 200,000 rows take about a second.
 * `loadParquet` must have been called.
 * @throws {Error} where the file is not Parquet, or does not hold liquidations
 */
export function readParquetEvents(bytes: Uint8Array, wanted: (symbol: string) => boolean): ParquetRows {
  const footer = parseFooter(bytes);
  const names = new Set(columnNames(footer));
  const events: ReplayedEvent[] = [];
  for (let offset = 0; offset < footer.rows; offset += ROWS_AT_ONCE) {
    const rows = readSomeFields(FIELDS, bytes, { offset, rows: ROWS_AT_ONCE }) as readonly ReplayedEvent[];
    for (const event of rows) if (wanted(event.symbol)) events.push(event);
  }
  const lacking = footer.rows === 0 ? [] : OPTIONAL_COLUMNS.filter((name) => !names.has(name));
  return { events, metadata: fileMetadata(footer), lacking };
}
