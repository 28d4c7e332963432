import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { askApi } from "./api-client.ts";
import type { Check } from "./check.ts";

const EXPORT_TIMEOUT_MS = 60_000;

interface Key {
  readonly key_id: string;
  readonly key: string;
}

interface Export {
  readonly export_id: string;
  readonly state: string;
  readonly error: string | null;
  readonly downloads: readonly { readonly name: string; readonly path: string; readonly sha256: string; readonly rows: number }[];
}

/**
 * Tries what a customer does: gets a key from the admin, has the run's liquidations exported, downloads and reads the file,
 * and checks that a revoked key is refused.
 * @param rows how many liquidations there have to be in the range
 */
export async function tryApi(
  worker: string,
  adminToken: string,
  range: { readonly start: number; readonly end: number },
  rows: number,
): Promise<readonly Check[]> {
  const key = await askApi<Key>(worker, "/v1/keys", adminToken, {
    method: "POST",
    body: JSON.stringify({ name: "demo", scopes: ["read", "export"] }),
  });
  const made = await makeExport(worker, key.key, range);
  const read = await readExport(worker, key.key, made);
  await askApi(worker, `/v1/keys/${key.key_id}`, adminToken, { method: "DELETE" });
  const refused = await fetch(`${worker}/v1/exports`, { headers: { "X-API-Key": key.key } });
  return [
    { what: "export done with a new key", expected: "done", found: made.error ?? made.state, tolerance: "", agrees: made.state === "done" },
    { what: "rows DuckDB reads from it", expected: String(rows), found: String(read.rows), tolerance: "exact", agrees: read.rows === rows },
    { what: "its SHA-256", expected: "as announced", found: read.hash, tolerance: "", agrees: read.hash === "as announced" },
    { what: "the key after it was revoked", expected: "401", found: String(refused.status), tolerance: "", agrees: refused.status === 401 },
  ];
}

async function makeExport(worker: string, key: string, range: { readonly start: number; readonly end: number }): Promise<Export> {
  const body = JSON.stringify({ ...range, format: "parquet" });
  let order = await askApi<Export>(worker, "/v1/exports", key, { method: "POST", body });
  const deadline = Date.now() + EXPORT_TIMEOUT_MS;
  while (["queued", "running"].includes(order.state) && Date.now() < deadline) {
    await sleep(250);
    order = await askApi<Export>(worker, `/v1/exports/${order.export_id}`, key);
  }
  return order;
}

/** Downloads what was exported and counts its rows. */
async function readExport(worker: string, key: string, { downloads }: Export): Promise<{ readonly rows: number; readonly hash: string }> {
  const folder = await mkdtemp(join(tmpdir(), "liquidations-export-"));
  try {
    let hash = "as announced";
    for (const { name, path, sha256 } of downloads) {
      const response = await fetch(`${worker}${path}`, { headers: { "X-API-Key": key } });
      const bytes = Buffer.from(await response.arrayBuffer());
      const found = createHash("sha256").update(bytes).digest("hex");
      if (found !== sha256) hash = found;
      await writeFile(join(folder, name), bytes);
    }
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM read_parquet('${folder}/*.parquet')`);
    connection.closeSync();
    return { rows: Number(reader.getRows()[0]?.[0]), hash: downloads.length === 0 ? "no file" : hash };
  } finally {
    await rm(folder, { recursive: true });
  }
}
