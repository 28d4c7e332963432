import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleLiquidations } from "../../scripts/bench/sample-liquidations.ts";
import { readFeeds, untilRead } from "../../scripts/demo/read-feeds.ts";
import type { LocalWorker } from "../../scripts/local-worker.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { openDuckDB } from "../unit/parquet/duckdb.ts";
import { environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";
import { storeBatches } from "./stored-batches.ts";

const ADMIN_TOKEN = "export-admin-token-of-these-tests";
/** A venue may hold a liquidation back this long before it is on the wire. */
const VENUE_DELAY_MS = 3_000;
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };

interface Made {
  readonly export_id: string;
  readonly state: string;
  readonly rows: number;
  readonly progress: number;
  readonly downloads: readonly {
    readonly name: string;
    readonly path: string;
    readonly sha256: string;
    readonly rows: number;
    readonly date: string | null;
  }[];
  readonly manifest: { readonly rows: number; readonly not_covered: readonly unknown[] } | null;
}

let stateDir: string;

beforeEach(async () => {
  stateDir = await newState();
});

afterEach(async () => {
  await rm(stateDir, { recursive: true, force: true });
});

async function until(what: string, holds: () => Promise<boolean>, everyMs = 200): Promise<void> {
  for (const deadline = Date.now() + 90_000; !(await holds()); await sleep(everyMs)) {
    if (Date.now() > deadline) throw new Error(`not within 90 s: ${what}`);
  }
}

async function order(worker: LocalWorker, body: object): Promise<string> {
  const response = await fetch(`${worker.url}/v1/exports`, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as { readonly data: Made };
  expect(response.status, JSON.stringify(answer)).toBe(202);
  return answer.data.export_id;
}

async function look(worker: LocalWorker, id: string): Promise<Made> {
  const response = await fetch(`${worker.url}/v1/exports/${id}`, { headers });
  return ((await response.json()) as { readonly data: Made }).data;
}

async function made(worker: LocalWorker, id: string): Promise<Made> {
  await until(
    "the export is done",
    async () => (await look(worker, id)).state !== "running" && (await look(worker, id)).state !== "queued",
  );
  const data = await look(worker, id);
  expect(data, JSON.stringify(data)).toMatchObject({ state: "done" });
  return data;
}

/** Every page of /v1/liquidations, oldest first. */
async function listed(worker: LocalWorker, query: Readonly<Record<string, string>>): Promise<readonly Liquidation[]> {
  const rows: Liquidation[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = new URLSearchParams({ ...query, order: "asc", limit: "100", ...(cursor === "" ? {} : { cursor }) });
    const response = await fetch(`${worker.url}/v1/liquidations?${page}`);
    const { data, meta } = (await response.json()) as {
      readonly data: readonly Liquidation[];
      readonly meta: { readonly next_cursor: string | null };
    };
    rows.push(...data);
    cursor = meta.next_cursor;
  }
  return rows;
}

const DUCKDB_TYPES = { text: "VARCHAR", time: "BIGINT", double: "DOUBLE", int32: "INTEGER", int64: "BIGINT" } as const;
const TYPES = `{${LIQUIDATION_FIELDS.map(({ name, type }) => `'${name}': '${DUCKDB_TYPES[type]}'`).join(", ")}}`;
const READERS: Readonly<Record<string, (file: string) => string>> = {
  parquet: (file) => `read_parquet('${file}')`,
  csv: (file) => `read_csv('${file}', header = true, types = ${TYPES}, allow_quoted_nulls = false)`,
  json: (file) => `read_json('${file}', format = 'array', columns = ${TYPES})`,
  ndjson: (file) => `read_json('${file}', format = 'newline_delimited', columns = ${TYPES})`,
};

/** The rows of a file as DuckDB reads them, in the file's order. */
async function rowsOf(file: string, format: string): Promise<readonly Liquidation[]> {
  await using duckdb = await openDuckDB();
  const columns = LIQUIDATION_FIELDS.map(({ name, type }) => {
    const time = format === "parquet" && type === "time" ? `epoch_ms(${name})` : name;
    return type === "text" ? name : `${time}::DOUBLE AS ${name}`;
  });
  return (await duckdb.rows(`SELECT ${columns.join(", ")} FROM ${READERS[format]?.(file) ?? ""}`)) as unknown as readonly Liquidation[];
}

test("DuckDB reads every format and gets the rows of /v1/liquidations", async () => {
  const venues = await startVenues({ seed: 3, rate: 30 });
  const worker = await startBuiltWorker(stateDir, { ...environment(venues), ADMIN_TOKEN, LIQUIDATION_BATCH_INTERVAL_SECONDS: "1" });
  await worker.tick(new Date());
  await until("all feeds are live", async () => (await readFeeds(worker.url)).every(({ state }) => state === "live"));
  const sent = () => venues.all().flatMap((venue) => venue.sent().filter(({ symbol }) => symbol === "BTC"));
  await until("the venues have sent 60 liquidations of BTC", () => Promise.resolve(sent().length > 60));
  venues.quiet();
  await sleep(VENUE_DELAY_MS);
  expect(await untilRead(worker.url, 90_000)).toBe(true);

  const end = Date.now();
  const range = { start: end - 5 * MINUTE_MS, end };
  const query = { start: String(range.start), end: String(end), symbol: "BTC" };
  const expected = await listed(worker, query);
  expect(expected.length).toBeGreaterThan(30);
  const jobs = [
    { format: "parquet", compression: "none" },
    { format: "csv", compression: "none" },
    { format: "csv", compression: "gzip" },
    { format: "json", compression: "none" },
    { format: "ndjson", compression: "gzip" },
  ];
  for (const job of jobs) {
    const done = await made(worker, await order(worker, { ...range, ...job, symbols: ["BTC"] }));
    expect(done.manifest).toMatchObject({ rows: expected.length, not_covered: [] });
    const [file] = done.downloads;
    const response = await fetch(`${worker.url}${file?.path}`, { headers: { Authorization: headers.Authorization } });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(file?.sha256);
    const plain = await fetch(`${worker.url}${file?.path}`, {
      headers: { Authorization: headers.Authorization, "Accept-Encoding": "identity" },
    });
    expect(plain.headers.get("Content-Encoding"), "as curl asks").toBeNull();
    expect(Buffer.from(await plain.arrayBuffer()).equals(bytes)).toBe(true);
    const path = join(stateDir, file?.name ?? "");
    await writeFile(path, bytes);
    if (job.compression === "gzip") expect(gunzipSync(bytes).length).toBeGreaterThan(bytes.length);
    expect(await rowsOf(path, job.format), file?.name).toEqual(expected);
  }
  await worker.stop();
  await venues.stop();
});

test("an export that a restart interrupts is gone on with, a file a date beyond 100,000 rows", async () => {
  const day = Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS;
  const days = [0, 1].map((number) => day + number * DAY_MS);
  const rows = days
    .flatMap((start, number) => sampleLiquidations(60_000, number, start))
    .map((row, index) => ({ ...row, event_id: `${row.event_id}:${index}` }));
  const variables = {
    ADMIN_TOKEN,
    LIQUIDATION_EXCHANGES: "binance",
    BINANCE_WS_URL: "http://127.0.0.1:9",
    BINANCE_REST_URL: "http://127.0.0.1:9",
  };
  await storeBatches(stateDir, rows);

  let worker = await startBuiltWorker(stateDir, variables);
  const id = await order(worker, { start: day, end: day + 2 * DAY_MS, format: "parquet" });
  await until("the first part is done", async () => (await look(worker, id)).rows > 0, 20);
  await worker.stop();
  worker = await startBuiltWorker(stateDir, variables);
  const interrupted = await look(worker, id);
  expect(interrupted).toMatchObject({ state: "running" });
  await sleep(1_000);
  expect(await look(worker, id)).toEqual(interrupted);
  // The local platform forgets a workflow over a restart; the cron run finds it stalled.
  await worker.tick(new Date(Date.now() + 20 * MINUTE_MS));
  const done = await made(worker, id);
  expect(done.downloads.map(({ date, rows: count }) => [date, count])).toEqual(
    days.map((start) => [new Date(start).toISOString().slice(0, 10), 60_000]),
  );
  await using duckdb = await openDuckDB();
  for (const [index, { name, path }] of done.downloads.entries()) {
    const response = await fetch(`${worker.url}${path}`, { headers: { Authorization: headers.Authorization } });
    await writeFile(join(duckdb.folder, `${index}-${name}`), Buffer.from(await response.arrayBuffer()));
  }
  const [counted] = await duckdb.rows(
    `SELECT count(*)::INTEGER AS events, count(DISTINCT event_id)::INTEGER AS ids, sum(usd_value)::DOUBLE AS usd,
            bool_and(event_time >= coalesce(before, event_time)) AS sorted
     FROM (SELECT *, lag(event_time) OVER (PARTITION BY filename ORDER BY file_row_number) AS before
           FROM read_parquet('${duckdb.folder}/*.parquet', filename = true, file_row_number = true))`,
  );
  expect(counted).toMatchObject({ events: 120_000, ids: 120_000, sorted: true });
  expect(Number(counted?.["usd"])).toBeCloseTo(
    rows.reduce((sum, row) => sum + (row.usd_value ?? 0), 0),
    0,
  );
  await worker.stop();
});
