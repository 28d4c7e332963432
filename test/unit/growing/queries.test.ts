import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { utcDate } from "../../../src/batch-object.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { STREAM_SCHEMA } from "../../../src/pipeline/stream-schema.ts";
import { streamRecord } from "../../../src/pipeline/stream-record.ts";
import type { Batch } from "../../../src/sink.ts";
import { type DuckDB, openDuckDB } from "../parquet/duckdb.ts";
import { inferredBatch, putBatches, putDailyFiles, sampleBatches } from "./bucket.ts";
import { block, blockNames } from "./page.ts";

loadParquet();

/** The day that the page's queries ask for. */
const DATE = "2026-11-22";
const IMPACT_BPS = 12.5;

const batches = sampleBatches();
const reported = batches.flatMap((batch) => batch.rows);
const inferred = inferredBatch();
const BATCHES = "liquidations/v1/*/*/*.parquet";

let duckdb: DuckDB;
let files: readonly string[];
beforeEach(async () => {
  duckdb = await openDuckDB();
  // Days are UTC days wherever the reader sits.
  await duckdb.rows("SET TimeZone = 'America/New_York'");
  files = putBatches(duckdb.folder, [...batches, inferred]);
});
afterEach(() => duckdb[Symbol.asyncDispose]());

/** Runs a statement of the page, over the folder in place of the bucket. */
function ask(name: string): Promise<readonly Record<string, unknown>[]> {
  return duckdb.rows(block(name).replaceAll("r2://liquidations/", `${duckdb.folder}/`));
}

/** The statement within a `wrangler r2 sql query` of the page, in the catalog's place. */
async function askR2Sql(name: string): Promise<readonly Record<string, unknown>[]> {
  const statement = /^npx wrangler r2 sql query "\$WAREHOUSE" "([^"$`\\]*)"\n$/.exec(block(name))?.[1];
  if (statement === undefined) throw new Error(`${name} is no statement that a shell passes on as it stands`);
  await duckdb.rows("USE lake");
  return duckdb.rows(statement);
}

interface Sums {
  readonly events: number;
  readonly usd: number;
}

/** Events and USD of rows by a key of theirs, in its order. */
function sums(
  rows: readonly Liquidation[],
  keyOf: (row: Liquidation) => readonly string[],
  usdOf: (row: Liquidation) => number | null,
): readonly (Sums & { readonly key: readonly string[] })[] {
  return [...Map.groupBy(rows, (row) => keyOf(row).join(" "))]
    .map(([key, some]) => ({ key: key.split(" "), events: some.length, usd: some.reduce((sum, row) => sum + (usdOf(row) ?? 0), 0) }))
    .toSorted((a, b) => (a.key.join(" ") < b.key.join(" ") ? -1 : 1));
}

/** As the rows of an answer; sums of floating point numbers depend on the order they are added in. */
function answer(expected: ReturnType<typeof sums>, names: readonly string[], others: Readonly<Record<string, unknown>> = {}) {
  return expected.map(({ key, events, usd }) => ({
    ...Object.fromEntries(names.map((name, index) => [name, key[index]])),
    events: BigInt(events),
    usd: expect.closeTo(usd, 3),
    ...others,
  }));
}

const onDate = (row: Liquidation) => utcDate(row.event_time) === DATE;
const ofBtc = (row: Liquidation) => row.symbol === "BTC";
const byVenueAndSide = (row: Liquidation) => [row.exchange, row.position_side];

test("every statement of the page is run here, save what needs an account", () => {
  expect(blockNames("sql")).toEqual([
    "iceberg-connect",
    "iceberg-once",
    "iceberg-impact",
    "files-connect",
    "batches-by-venue",
    "batches-pruning",
    "batches-once",
    "daily",
  ]);
  expect(blockNames("sh")).toEqual(["shard-deploy", "setup", "r2-sql-by-venue", "r2-sql-copies"]);
  const versions = ["setup", "iceberg-once", "r2-sql-by-venue", "r2-sql-copies"].flatMap(
    (name) => block(name).match(/liquidations_v\d+/g) ?? [],
  );
  expect(new Set(versions)).toEqual(new Set([`liquidations_v${SCHEMA_VERSION}`]));
});

describe("the batches' folder", () => {
  test("has a date and a venue of its folders that are those of its rows", async () => {
    const [all] = await duckdb.rows(
      `SELECT count(*) AS rows, count(*) FILTER (filename LIKE '%/date=' || (event_time AT TIME ZONE 'UTC')::DATE || '/venue=' || exchange || '/%') AS in_place
       FROM read_parquet('${duckdb.folder}/${BATCHES}', hive_partitioning = false, filename = true)`,
    );
    const rows = BigInt(reported.length + inferred.rows.length);
    expect(all).toEqual({ rows, in_place: rows });
    const columns = await duckdb.rows(
      `DESCRIBE SELECT date, venue FROM read_parquet('${duckdb.folder}/${BATCHES}', hive_partitioning = true)`,
    );
    expect(columns.map((column) => column["column_type"])).toEqual(["DATE", "VARCHAR"]);
  });

  test("sums to what the rows sum to", async () => {
    const expected = sums(reported.filter(onDate).filter(ofBtc), byVenueAndSide, (row) => row.notional_mark_usd);
    expect(expected).toHaveLength(6);
    expect(await ask("batches-by-venue")).toEqual(answer(expected, ["exchange", "position_side"]));
  });

  test("opens the files of the date and venue asked for and no others", async () => {
    const wanted = files.filter((path) => path.includes(`/date=${DATE}/venue=bybit/`));
    expect(wanted.length).toBeLessThan(files.length / 2);
    const [plan] = await ask("batches-pruning");
    expect(plan?.["explain_value"]).toMatch(new RegExp(`Scanning Files: ${wanted.length}/${files.length}\\b`));
    const opened = await duckdb.rows(
      `SELECT DISTINCT filename FROM read_parquet('${duckdb.folder}/${BATCHES}', hive_partitioning = true, filename = true)
       WHERE date = '${DATE}' AND venue = 'bybit' ORDER BY ALL`,
    );
    expect(opened.map((file) => file["filename"])).toEqual(wanted.toSorted());
  });

  test("gives each liquidation once where a batch is there twice", async () => {
    const [first] = batches as readonly [Batch];
    putBatches(duckdb.folder, [{ ...first, epoch: first.epoch + 1 }]);
    const [all] = await duckdb.rows(`SELECT count(*) AS rows FROM '${duckdb.folder}/${BATCHES}'`);
    expect(all).toEqual({ rows: BigInt(reported.length + inferred.rows.length + first.rows.length) });
    const expected = sums(
      [...reported, ...inferred.rows],
      (row) => [row.exchange],
      (row) => row.usd_value,
    );
    expect(await ask("batches-once")).toEqual(answer(expected, ["exchange"]));
  });
});

test("the daily files sum by day, with the impact", async () => {
  putDailyFiles(duckdb.folder, [...reported, ...inferred.rows], IMPACT_BPS);
  const expected = sums(
    reported,
    (row) => [utcDate(row.event_time), row.symbol],
    (row) => row.notional_mark_usd,
  );
  const read = (await ask("daily")).map((row) => ({ ...row, day: String(row["day"]) }));
  expect(read).toEqual(answer(expected, ["day", "symbol"], { mean_impact_60s_bps: IMPACT_BPS }));
  expect(new Set(read.map(({ day }) => day))).toEqual(new Set(["2026-11-21", DATE, "2026-11-23"]));
});

describe("the table that the stream fills", () => {
  const COLUMN_TYPES = { string: "VARCHAR", timestamp: "TIMESTAMP", float64: "DOUBLE", int32: "INTEGER", int64: "BIGINT" };

  /** A table of the stream's schema with what Pipelines adds, in a database in memory in place of the catalog. */
  async function makeTable(): Promise<void> {
    const columns = STREAM_SCHEMA.fields.map(({ name, type, required }) => `${name} ${COLUMN_TYPES[type]}${required ? " NOT NULL" : ""}`);
    await duckdb.rows("ATTACH ':memory:' AS lake");
    await duckdb.rows("CREATE SCHEMA lake.market");
    await duckdb.rows(`CREATE TABLE lake.market.liquidations_v3 (${columns.join(", ")}, __ingest_ts TIMESTAMP NOT NULL)`);
  }

  /** What the sink sends of the rows, taken in at a time. */
  async function send(rows: readonly Liquidation[], ingestTime: string): Promise<void> {
    const path = join(duckdb.folder, "records.json");
    writeFileSync(path, rows.map((row) => JSON.stringify(streamRecord(row))).join("\n"));
    const types = STREAM_SCHEMA.fields.map(({ name, type }) => `${name}: '${COLUMN_TYPES[type]}'`);
    await duckdb.rows(
      `INSERT INTO lake.market.liquidations_v3
       SELECT *, TIMESTAMP '${ingestTime}' FROM read_json('${path}', format = 'newline_delimited', columns = {${types.join(", ")}})`,
    );
  }

  const [again] = batches as readonly [Batch];
  beforeEach(async () => {
    await makeTable();
    await send([...reported, ...inferred.rows], "2026-11-22 00:00:10");
    await send(again.rows, "2026-11-23 04:00:00");
  });

  test("holds every value that the rows have", async () => {
    const columns = STREAM_SCHEMA.fields.map(({ name, type }) =>
      type === "timestamp" ? `epoch_ms(${name})::DOUBLE AS ${name}` : type === "int64" ? `${name}::DOUBLE AS ${name}` : name,
    );
    const read = await duckdb.rows(`SELECT ${columns.join(", ")} FROM lake.market.liquidations_v3 LIMIT ${reported.length}`);
    // JSON knows no negative zero.
    expect(read).toEqual(JSON.parse(JSON.stringify(reported)));
  });

  test("sums in R2 SQL's words to what the rows sum to, although a batch came twice", async () => {
    const expected = sums(reported.filter(onDate).filter(ofBtc), byVenueAndSide, (row) => row.notional_mark_usd);
    expect(await askR2Sql("r2-sql-by-venue")).toEqual(answer(expected, ["exchange", "position_side"]));
  });

  test("shows in R2 SQL's words how many records are copies", async () => {
    const read = await askR2Sql("r2-sql-copies");
    const rows = [...reported, ...inferred.rows];
    const venues = sums(
      rows,
      (row) => [row.exchange],
      () => 0,
    ).map(({ key: [exchange], events }) => ({
      exchange,
      records: BigInt(events + (exchange === again.exchange ? again.rows.length : 0)),
      liquidations: BigInt(events),
    }));
    expect(read).toEqual(venues);
  });

  test("gives each liquidation once, and the impact from the daily files where there is one", async () => {
    putDailyFiles(duckdb.folder, reported.filter(onDate), IMPACT_BPS);
    await ask("iceberg-once");
    const [view] = await duckdb.rows("SELECT count(*) AS rows, count(DISTINCT event_id) AS events FROM liquidations");
    expect(view).toEqual({ rows: BigInt(reported.length + inferred.rows.length), events: BigInt(reported.length + inferred.rows.length) });
    const expected = sums(
      reported,
      (row) => [row.symbol, row.position_side],
      () => 0,
    ).map(({ key: [symbol, position_side], events }) => ({
      symbol,
      position_side,
      events: BigInt(events),
      with_impact: BigInt(reported.filter((row) => onDate(row) && row.symbol === symbol && row.position_side === position_side).length),
      mean_impact_60s_bps: IMPACT_BPS,
    }));
    expect(await ask("iceberg-impact")).toEqual(expected);
  });
});
