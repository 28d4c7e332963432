import { DatabaseSync } from "node:sqlite";
import { FrameRecorder } from "../../durable-objects/exchange-feed/journal/frame-recorder.ts";
import { IdIndex, hashOf } from "../../durable-objects/exchange-feed/journal/id-index.ts";
import { crossVenueFieldsText, toJournal } from "../../durable-objects/exchange-feed/journal/journal-row.ts";
import { UNKNOWN_CROSS_VENUE_FIELDS } from "../../src/cascade/cross-venue-fields.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { streamRecord } from "../../src/pipeline/stream-record.ts";
import { gzipLines } from "../../src/raw-frames/raw-files.ts";
import { d1Migrations } from "../d1-migrations.ts";
import { loadParquet } from "../parquet-module.ts";
import { frameMixes } from "./adapter-frames.ts";
import { START } from "./venue-frames.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const ROWS = 50_000;
/** Just before and just after the index of ids grew. */
const INDEXED_ROWS = [1_400_000, 1_500_000];
/** Of a Durable Object and of a D1 database alike. */
const LIMIT_BYTES = 10e9;

/** Bytes a liquidation takes in each store, and how many fit where the platform sets a limit. */
export async function benchRowSizes(print: (line: string) => void): Promise<void> {
  loadParquet();
  const rows = sampleLiquidations(ROWS);
  const journal = sqliteBytes(JOURNAL, rows.map(journalRow)) + batchBytes(rows);
  const migrations = d1Migrations().map(({ sql }) => sql);
  const d1 = sqliteBytes(migrations.join("\n"), rows);
  print(`row-sizes: journal ${journal.toFixed(0)} bytes a row, ${millions(journal)} in 10 GB; D1 ${d1.toFixed(0)}, ${millions(d1)}`);
  for (const count of INDEXED_ROWS)
    print(`row-sizes: ids of ${(count / 1e6).toFixed(1)} million rows take ${indexBytes(count).toFixed(0)} bytes a row in memory`);
  print(`row-sizes: stream ${(Buffer.byteLength(JSON.stringify(rows.map(streamRecord))) / ROWS).toFixed(0)} bytes of JSON a row`);
  for (const size of [50, 2_000]) {
    const bytes = encodeLiquidations(rows.slice(0, size), { metadata: {} }).length / size;
    print(`row-sizes: Parquet ${bytes.toFixed(0)} bytes a row in batches of ${size}`);
  }
  await printFrameSizes(print);
}

/** Bytes that the raw frame of a single liquidation takes in the journal and in its file. */
async function printFrameSizes(print: (line: string) => void): Promise<void> {
  for (const { exchange: name, frames } of frameMixes().filter((mix) => mix.name === "liquidations")) {
    const exchange = exchanges[name];
    const instruments = new Map(exchange.fallbackInstruments.map((one) => [one.instrument, one]));
    const recorder = new FrameRecorder(exchange, (instrument) => instruments.get(instrument));
    const decoder = exchange.createDecoder({ symbols: "*", instruments });
    const lines = frames.flatMap((text) => {
      const frame = { text, receivedTime: START + 1_000_000, socket: "main", connection: "6f1c4b1e-8f0f-4f3e-9d0a-0c9b6a1d2e3f" };
      return recorder.record(decoder.decode(text, frame.receivedTime), frame, "stream") ?? [];
    });
    const journal = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0) / lines.length;
    const file = (await gzipLines(lines)).length / lines.length;
    print(`row-sizes: raw frames of ${name}: ${journal.toFixed(0)} bytes in the journal, ${file.toFixed(0)} in files of ${lines.length}`);
  }
}

/** As the schema of a feed makes it. */
const JOURNAL = `CREATE TABLE liquidations (
  sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL, received_time INTEGER NOT NULL, event TEXT NOT NULL, frame TEXT
)`;

function journalRow(row: Liquidation, index: number): Readonly<Record<string, string | number>> {
  const { event_id, received_time } = row;
  return { sequence: index + 1, event_id, received_time, event: toJournal({ ...row, ...UNKNOWN_CROSS_VENUE_FIELDS }) };
}

/** What a row adds to that of its batch: its fields over all venues and the hash of its id. */
function batchBytes(rows: readonly Liquidation[]): number {
  return rows.reduce((sum, row) => sum + crossVenueFieldsText(row).length + 1 + Uint32Array.BYTES_PER_ELEMENT, 0) / rows.length;
}

/** Bytes a row that the index of ids takes in memory, where the journal has so many rows. */
function indexBytes(rows: number): number {
  const before = process.memoryUsage().arrayBuffers;
  const index = new IdIndex();
  for (let sequence = 1; sequence <= rows; sequence += 1) index.add(hashOf(`row ${sequence}`), sequence, 1);
  globalThis.gc?.();
  const held = process.memoryUsage().arrayBuffers - before;
  return [...index.rowsOf(hashOf("row 1"), 1)].includes(1) ? held / rows : Number.NaN;
}

/** What the file grows by a row of `liquidations`, its indices included. */
function sqliteBytes(schema: string, rows: readonly Readonly<Record<string, string | number | null>>[]): number {
  const db = new DatabaseSync(":memory:");
  db.exec(schema);
  const columns = db
    .prepare("PRAGMA table_info(liquidations)")
    .all()
    .map(({ name }) => String(name));
  const insert = db.prepare(`INSERT OR IGNORE INTO liquidations (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`);
  const before = fileBytes(db);
  db.exec("BEGIN");
  for (const row of rows) insert.run(...columns.map((name) => row[name] ?? null));
  db.exec("COMMIT");
  return (fileBytes(db) - before) / rows.length;
}

function fileBytes(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA page_count").get()?.["page_count"]) * Number(db.prepare("PRAGMA page_size").get()?.["page_size"]);
}

function millions(bytesARow: number): string {
  return `${(LIMIT_BYTES / bytesARow / 1e6).toFixed(1)} million`;
}
