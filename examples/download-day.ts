/**
 * Downloads the Parquet file of a UTC day into the current folder, and keeps it only if its SHA-256 is the manifest's.
 *
 *   npx node examples/download-day.ts 2026-11-01
 *
 * LIQUIDATIONS_URL is the Worker's address; LIQUIDATIONS_KEY is needed for days that are not free.
 */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";

interface Manifest {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** null for files from before rows were compared with other counts. */
  readonly completeness: { readonly missing_rows: number } | null;
  readonly gaps: readonly {
    readonly exchange: string;
    readonly from_time: number;
    readonly to_time: number | null;
    readonly reason: string;
  }[];
}

/** An answer of the API, or an error with the problem's own words. */
async function ask(url: string, key: string | undefined): Promise<Response> {
  const response = await fetch(url, { headers: key === undefined ? {} : { "X-API-Key": key } });
  if (response.ok) return response;
  throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

async function downloadDay(worker: string, date: string, key: string | undefined): Promise<Manifest & { readonly name: string }> {
  const { data: manifest } = (await (await ask(`${worker}/v1/datasets/${date}`, key)).json()) as { readonly data: Manifest };
  const file = new Uint8Array(await (await ask(worker + manifest.path, key)).arrayBuffer());
  const sha256 = createHash("sha256").update(file).digest("hex");
  if (sha256 !== manifest.sha256) throw new Error(`the file has the SHA-256 ${sha256}, the manifest says ${manifest.sha256}; try again`);
  const name = manifest.path.slice(manifest.path.lastIndexOf("/") + 1);
  await writeFile(name, file);
  return { ...manifest, name };
}

const [date] = process.argv.slice(2);
if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
  console.error("usage: npx node examples/download-day.ts YYYY-MM-DD");
  process.exit(2);
}
try {
  const worker = (process.env["LIQUIDATIONS_URL"] ?? "http://localhost:8787").replace(/\/+$/, "");
  const { name, rows, bytes, completeness, gaps } = await downloadDay(worker, date, process.env["LIQUIDATIONS_KEY"]);
  console.log(`${name}: ${rows} rows, ${bytes} bytes, SHA-256 as promised.`);
  if (completeness === null) console.log("Its rows were not compared with other counts.");
  else console.log(`By the totals and journals ${completeness.missing_rows} rows are missing.`);
  for (const { exchange, from_time, to_time, reason } of gaps) {
    const end = to_time === null ? "now" : new Date(to_time).toISOString();
    console.log(`${exchange} was not covered from ${new Date(from_time).toISOString()} to ${end}: ${reason}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
