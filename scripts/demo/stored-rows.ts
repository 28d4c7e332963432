import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { R2Bucket } from "@cloudflare/workers-types";
import { DuckDBInstance } from "@duckdb/node-api";
import type { LocalStorage } from "../local-worker.ts";
import type { EmbeddedSupabase } from "../supabase/embedded.ts";

/** What identifies a liquidation beyond doubt, for comparing stores with each other and with what was sent. */
export interface StoredRow {
  readonly event_id: string;
  readonly exchange: string;
  readonly instrument: string;
  readonly position_side: string;
  readonly event_time: number;
  readonly quantity: number | null;
  readonly usd_value: number | null;
}

const COLUMNS = "event_id, exchange, instrument, position_side, event_time, quantity, usd_value";

/** Every row of D1's hot events. */
export async function rowsInD1(storage: LocalStorage): Promise<readonly StoredRow[]> {
  const { results } = await storage.env.DB.prepare(`SELECT ${COLUMNS} FROM liquidations`).all<StoredRow>();
  return results;
}

/** Every row of the batch files in R2, read by DuckDB. */
export async function rowsInR2(storage: LocalStorage): Promise<readonly StoredRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "batches-"));
  try {
    const files = await download(storage.env.BUCKET, "liquidations/v1/", folder);
    if (files === 0) return [];
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const columns = COLUMNS.replace("event_time", "epoch_ms(event_time) AS event_time");
    const reader = await connection.runAndReadAll(`SELECT ${columns} FROM read_parquet('${folder}/*.parquet')`);
    const rows = reader.getRowObjectsJS().map((row) => ({ ...row, event_time: Number(row.event_time) }) as StoredRow);
    connection.closeSync();
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns the number of objects written to the folder */
async function download(bucket: R2Bucket, prefix: string, folder: string): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
    for (const { key } of page.objects) {
      const object = await bucket.get(key);
      if (object === null) continue;
      count += 1;
      await writeFile(join(folder, `${key.replaceAll(/[^\w.=-]/g, "_")}`), Buffer.from(await object.arrayBuffer()));
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return count;
}

/** Every row of Supabase's full history. */
export async function rowsInSupabase(supabase: Pick<EmbeddedSupabase, "query">): Promise<readonly StoredRow[]> {
  const rows = await supabase.query(
    `SELECT event_id, exchange, instrument, position_side, quantity, usd_value,
            (extract(epoch FROM event_time) * 1000)::float8 AS event_time FROM liquidation_events`,
  );
  return rows.map((row) => ({ ...row, event_time: Math.round(Number(row.event_time)) }) as StoredRow);
}
