import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { FrameRecorder } from "../../durable-objects/exchange-feed/journal/frame-recorder.ts";
import { toJournal } from "../../durable-objects/exchange-feed/journal/journal-row.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { streamRecord } from "../../src/pipeline/stream-record.ts";
import { gzipLines } from "../../src/raw-frames/raw-files.ts";
import { loadParquet } from "../parquet-module.ts";
import { frameMixes } from "./adapter-frames.ts";
import { START } from "./venue-frames.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const ROWS = 50_000;
/** Of a Durable Object and of a D1 database alike. */
const LIMIT_BYTES = 10e9;

/** Bytes a liquidation takes in each store, and how many fit where the platform sets a limit. */
export async function benchRowSizes(print: (line: string) => void): Promise<void> {
  loadParquet();
  const rows = sampleLiquidations(ROWS);
  const journal = sqliteBytes(JOURNAL, rows.map(journalRow));
  const d1 = sqliteBytes(readFileSync(new URL("../../migrations/0001_collector.sql", import.meta.url), "utf8"), rows);
  print(`row-sizes: journal ${journal.toFixed(0)} bytes a row, ${millions(journal)} in 10 GB; D1 ${d1.toFixed(0)}, ${millions(d1)}`);
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

/** As `Journal` makes it. */
const JOURNAL = `CREATE TABLE liquidations (
  sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, received_time INTEGER NOT NULL,
  settled INTEGER NOT NULL, event TEXT NOT NULL
)`;

function journalRow(row: Liquidation, index: number): Readonly<Record<string, string | number>> {
  const { event_id, received_time } = row;
  return { sequence: index + 1, event_id, received_time, settled: 0, event: toJournal(row) };
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
