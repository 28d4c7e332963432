import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBValue } from "@duckdb/node-api";
import { DuckDBInstance } from "@duckdb/node-api";

export interface DuckDB extends AsyncDisposable {
  /** A folder of its own, removed at the end. */
  readonly folder: string;
  rows(sql: string): Promise<readonly Record<string, DuckDBValue>[]>;
}

export async function openDuckDB(): Promise<DuckDB> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const folder = mkdtempSync(join(tmpdir(), "liquidations-parquet-"));
  return {
    folder,
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjects(),
    [Symbol.asyncDispose]: async () => {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true });
    },
  };
}
