import type { HistoryChunk } from "../../src/cascade/cross-venue-state.ts";

/** SQLite holds 2 MB per value; a larger chunk is a burst of over 40,000 events in 30 s and stays in memory only. */
const LARGEST_CHUNK_BYTES = 1_900_000;

/** The hub's events of the last minutes, so that a restart does not begin with empty sums. */
export class HubHistory {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  save(chunks: readonly HistoryChunk[]): void {
    for (const { key, until, format, rows } of chunks) {
      if (rows.byteLength > LARGEST_CHUNK_BYTES) continue;
      this.#sql.exec(
        "INSERT OR REPLACE INTO history (key, until, format, rows) VALUES (?, ?, ?, ?)",
        key,
        until,
        format,
        rows.slice().buffer,
      );
    }
  }

  *load(): Generator<HistoryChunk> {
    for (const row of this.#sql.exec<{ key: string; until: number; format: number; rows: ArrayBuffer }>(
      "SELECT key, until, format, rows FROM history ORDER BY until",
    )) {
      yield { ...row, rows: new Float64Array(row.rows) };
    }
  }

  forget(before: number): void {
    this.#sql.exec("DELETE FROM history WHERE until < ?", before);
  }
}
