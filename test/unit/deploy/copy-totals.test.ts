import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { d1Migrations } from "../../../scripts/d1-migrations.ts";
import { type QueryDatabase, TOTALS_MIGRATION, copyTotals } from "../../../scripts/deploy/copy-totals.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const MIGRATION = d1Migrations().find(({ name }) => name === TOTALS_MIGRATION)?.sql ?? "";
const HOURS = 120;
/** Events before the last three hours are gone, so totals before are final. */
const FINAL_HOUR = HOURS - 3;
/** Base assets times venues times sides. */
const ROWS_AN_HOUR = 30;
const MINUTE_HOURS = 6;

let db: DatabaseSync;
/** Rows that each transaction has written. */
let written: number[];
let query: QueryDatabase;

beforeEach(() => {
  db = new DatabaseSync(":memory:");
  for (const { sql } of before()) db.exec(sql);
  addTotals("hour", 0, HOURS, HOUR_MS);
  addTotals("minute", (HOURS - MINUTE_HOURS) * 60, MINUTE_HOURS * 60, MINUTE_MS);
  db.exec(`UPDATE hot_events SET from_time = ${FINAL_HOUR * HOUR_MS + 5 * MINUTE_MS}`);
  written = [];
  query = (sql) => {
    if (!/;\s*\S/.test(sql)) return Promise.resolve(db.prepare(sql).all());
    const total = () => Number(db.prepare("SELECT total_changes() AS changes").get()?.["changes"]);
    const start = total();
    db.exec(`BEGIN; ${sql}; COMMIT`);
    written.push(total() - start);
    return Promise.resolve([]);
  };
});

/** The migrations of a database that has not met the one of the totals. */
function before() {
  return d1Migrations().filter(({ name }) => name < TOTALS_MIGRATION);
}

function addTotals(step: "hour" | "minute", from: number, count: number, stepMs: number): void {
  db.exec(`
    WITH RECURSIVE times (time) AS (SELECT ${from} UNION ALL SELECT time + 1 FROM times WHERE time < ${from + count - 1})
    INSERT INTO ${step}_totals
    SELECT time * ${stepMs}, symbol.value, exchange.value, side.value, 1 + time % 7, 0, 0, time * 1.5, NULL, 2.5, time
    FROM times, json_each('["BTC","ETH","SOL"]') AS symbol, json_each('["binance","bybit","okx","kucoin","bitfinex"]') AS exchange,
      json_each('["long","short"]') AS side`);
}

const TOTALS = (step: "hour" | "minute") => `SELECT * FROM ${step}_totals ORDER BY ${step}, symbol, exchange, position_side`;

function rows(sql: string): readonly object[] {
  return db
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));
}

/** What the tables of before hold, which is what those of after must hold. */
function expectMigrated(): void {
  const expected = [rows(TOTALS("hour")), rows(TOTALS("minute"))];
  db.exec(MIGRATION);
  expect([rows(TOTALS("hour")), rows(TOTALS("minute"))]).toEqual(expected);
  const blocks = rows(`
    SELECT time, exchange, count(*) AS entries, sum(entry.value ->> 2) AS events FROM total_blocks CROSS JOIN json_each(totals) AS entry
    GROUP BY step_ms, time, exchange ORDER BY step_ms, time, exchange`);
  const grouped = (step: string) =>
    rows(`SELECT ${step} AS time, exchange, count(*) AS entries, sum(events) AS events FROM ${step}_totals GROUP BY 1, 2 ORDER BY 1, 2`);
  expect(blocks).toEqual([...grouped("minute"), ...grouped("hour")]);
  expect(rows("SELECT day FROM dirty_days")).toEqual(rows("SELECT DISTINCT hour - hour % 86400000 AS day FROM hour_totals ORDER BY 1"));
  expect(rows("SELECT name FROM sqlite_master WHERE name LIKE 'totals_%' OR name LIKE 'symbol_hours'")).toEqual([]);
}

describe("totals of before they were in the order of the base asset", () => {
  test("are copied in pieces of a bounded number of rows, and the migration copies what may still change", async () => {
    const pieces = await copyTotals(query, MIGRATION, 300);
    // 117 hours by 30 rows and 180 minutes by 30 rows.
    expect(pieces).toBe(Math.ceil((FINAL_HOUR * ROWS_AN_HOUR) / 300) + Math.ceil(((MINUTE_HOURS - 3) * 60 * ROWS_AN_HOUR) / 300));
    // A row, a sixth of a block for it, and the row that says how far it is.
    expect(Math.max(...written)).toBeLessThanOrEqual(300 + 300 / 6 + 2);
    const start = Number(db.prepare("SELECT total_changes() AS changes").get()?.["changes"]);
    expectMigrated();
    const rest = Number(db.prepare("SELECT total_changes() AS changes").get()?.["changes"]) - start;
    expect(rest).toBeLessThan(4 * 60 * ROWS_AN_HOUR * 1.25);
  });

  test("are the same where nothing was copied before, as with wrangler alone", () => expectMigrated());

  test("are copied on from where a deployment stopped, while the Worker of before goes on", async () => {
    let left = 5;
    const failing: QueryDatabase = (sql) => {
      if (sql.includes("UPDATE totals_to_copy") && (left -= 1) < 0) return Promise.reject(new Error("Cloudflare answered 500"));
      return query(sql);
    };
    await expect(copyTotals(failing, MIGRATION, 300)).rejects.toThrow("500");
    const copied = written.length;
    // Retention deletes the oldest, batches change the running hours.
    db.exec(`UPDATE hour_totals SET events = events + 1 WHERE hour >= ${FINAL_HOUR * HOUR_MS}`);
    db.exec(`UPDATE minute_totals SET events = events + 1, usd = NULL WHERE minute >= ${FINAL_HOUR * HOUR_MS + 5 * MINUTE_MS}`);
    await copyTotals(query, MIGRATION, 300);
    expect(written.length).toBeGreaterThan(copied);
    db.exec(`UPDATE minute_totals SET events = events + 1 WHERE minute >= ${(HOURS - 1) * HOUR_MS}`);
    expectMigrated();
  });

  test("of hours that wait to be computed are left to the migration", async () => {
    const late = 40 * HOUR_MS;
    db.exec(`INSERT INTO dirty_hours VALUES (${late})`);
    await copyTotals(query, MIGRATION, 300);
    db.exec(`UPDATE hour_totals SET events = 99 WHERE hour = ${late}; DELETE FROM dirty_hours`);
    expectMigrated();
  });

  test.each(["between two pieces", "after the last"])("that a refill opens again %s are copied once more", async (when) => {
    const opened = 20 * HOUR_MS;
    const refill = () => {
      db.exec(`UPDATE hot_events SET from_time = ${opened + MINUTE_MS}`);
      db.exec(`UPDATE hour_totals SET events = events + 5 WHERE hour >= ${opened}; UPDATE minute_totals SET events = events + 5`);
      db.exec(`UPDATE hot_events SET from_time = ${FINAL_HOUR * HOUR_MS}`);
    };
    let pieces = 0;
    await copyTotals(
      async (sql) => {
        // After the bounds of a piece were read, and before it is copied: the worst moment.
        if (when !== "after the last" && sql.startsWith("UPDATE totals_to_copy") && (pieces += 1) === 24) refill();
        return query(sql);
      },
      MIGRATION,
      300,
    );
    if (when === "after the last") refill();
    expectMigrated();
  });

  test("are left alone where the migration was applied, and where there is no table yet", async () => {
    db.exec(MIGRATION);
    expect(await copyTotals(query, MIGRATION)).toBe(0);
    db = new DatabaseSync(":memory:");
    expect(await copyTotals(query, MIGRATION)).toBe(0);
    expect(rows("SELECT name FROM sqlite_master")).toEqual([]);
    expect(written).toEqual([]);
  });
});
