import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { R2Bucket } from "@cloudflare/workers-types";
import { DuckDBInstance } from "@duckdb/node-api";
import type { CascadeRecord } from "../../src/cascade/cascade-record.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import type { LocalStorage } from "../local-worker.ts";
import type { EmbeddedSupabase } from "../supabase/embedded.ts";

/** What identifies a liquidation beyond doubt, for comparing stores with each other and with what was sent. */
export interface StoredRow {
  readonly event_id: string;
  readonly exchange: string;
  readonly instrument: string;
  readonly position_side: string;
  readonly event_time: number;
  readonly received_time: number;
  readonly quantity: number | null;
  readonly usd_value: number | null;
}

const COLUMNS = "event_id, exchange, instrument, position_side, event_time, received_time, quantity, usd_value";

/** Every row of D1's hot events. */
export async function rowsInD1(storage: LocalStorage): Promise<readonly StoredRow[]> {
  const { results } = await storage.env.DB.prepare(`SELECT ${COLUMNS} FROM liquidations`).all<StoredRow>();
  return results;
}

/** Every row of the batch files in R2 with all its columns, read by DuckDB. @throws where a column of the model is missing */
export async function rowsInR2(storage: LocalStorage): Promise<readonly Liquidation[]> {
  const folder = await mkdtemp(join(tmpdir(), "batches-"));
  try {
    const files = await download(storage.env.BUCKET, "liquidations/v1/", folder);
    if (files === 0) return [];
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const columns = LIQUIDATION_FIELDS.map(({ name, type }) =>
      type === "time" ? `epoch_ms(${name})::DOUBLE AS ${name}` : typed(name, type),
    );
    const reader = await connection.runAndReadAll(`SELECT ${columns.join(", ")} FROM read_parquet('${folder}/*.parquet')`);
    const rows = reader.getRowObjectsJS() as unknown as readonly Liquidation[];
    connection.closeSync();
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** DuckDB gives 64-bit integers as BigInt; all of ours lie within 2^53. */
function typed(name: string, type: string): string {
  return type === "int64" ? `${name}::DOUBLE AS ${name}` : name;
}

/** The cascades that D1 has of a symbol and side that began at a time or later, oldest first. */
export async function cascadesInD1(storage: LocalStorage, symbol: string, side: string, since: number): Promise<readonly CascadeRecord[]> {
  const sql = "SELECT * FROM cascades WHERE symbol = ? AND position_side = ? AND start_time >= ? ORDER BY start_time";
  type Row = Omit<CascadeRecord, "exchanges" | "adl_states"> & { readonly exchanges: string; readonly adl_states: string | null };
  const { results } = await storage.env.DB.prepare(sql).bind(symbol, side, since).all<Row>();
  return results.map((row) => ({
    ...row,
    exchanges: JSON.parse(row.exchanges) as CascadeRecord["exchanges"],
    adl_states: row.adl_states === null ? null : (JSON.parse(row.adl_states) as CascadeRecord["adl_states"]),
  }));
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
            (extract(epoch FROM event_time) * 1000)::float8 AS event_time,
            (extract(epoch FROM received_time) * 1000)::float8 AS received_time FROM liquidation_events`,
  );
  return rows.map(
    (row) =>
      ({ ...row, event_time: Math.round(Number(row.event_time)), received_time: Math.round(Number(row.received_time)) }) as StoredRow,
  );
}
