import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { d1Migrations } from "../d1-migrations.ts";
import { TOTALS_MIGRATION, copyTotals } from "../deploy/copy-totals.ts";
import { table } from "../table.ts";

/** Base assets, venues and sides that had liquidations in each hour. */
const ROWS_AN_HOUR = 200;
const HOURS = [2_500, 9_600];
/** Of those with minutes: 8 days, each minute with some of the base assets, venues and sides. */
const MINUTES = 8 * 24 * 60;
const ROWS_A_MINUTE = 50;

/** How long the migration that replaces the tables of totals takes, with and without the pieces that a deployment copies before. */
export async function benchTotalsMigration(print: (line: string) => void): Promise<void> {
  print("Processor time and time by the clock, s; SQLite of Node on a file. D1 stops a transaction after 30 s.");
  const rows: string[][] = [];
  for (const hours of HOURS) {
    const total = ((hours * ROWS_AN_HOUR + MINUTES * ROWS_A_MINUTE) / 1e6).toFixed(2);
    rows.push([`${total} million`, "no", ...(await migrate(hours, false))], [`${total} million`, "yes", ...(await migrate(hours, true))]);
  }
  print(table(["rows", "pieces", "number", "longest piece: processor", "clock", "migration: processor", "clock"], rows));
}

async function migrate(hours: number, inPieces: boolean): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "liquidations-totals-"));
  const db = new DatabaseSync(join(folder, "d1.sqlite"));
  try {
    prepare(db, hours);
    let longest: Seconds = { processor: 0, clock: 0 };
    const query = (sql: string) => {
      if (!/;\s*\S/.test(sql)) return Promise.resolve(db.prepare(sql).all());
      const taken = secondsOf(() => db.exec(`BEGIN; ${sql}; COMMIT`));
      if (taken.processor > longest.processor) longest = taken;
      return Promise.resolve([]);
    };
    const migration = readFileSync(new URL(`../../migrations/${TOTALS_MIGRATION}`, import.meta.url), "utf8");
    const pieces = inPieces ? await copyTotals(query, migration) : 0;
    const whole = secondsOf(() => db.exec(`BEGIN; ${migration}; COMMIT`));
    const shown = (seconds: Seconds) => [seconds.processor.toFixed(2), seconds.clock.toFixed(2)];
    return [String(pieces), ...(inPieces ? shown(longest) : ["", ""]), ...shown(whole)];
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
}

/** A database of before that migration. The events of the last day are kept, so its totals may still change. */
function prepare(db: DatabaseSync, hours: number): void {
  db.exec("PRAGMA journal_mode = WAL");
  for (const { sql } of d1Migrations().filter(({ name }) => name < TOTALS_MIGRATION)) db.exec(sql);
  const fill = (step: string, from: number, count: number, stepMs: number, each: number): void =>
    db.exec(`
      WITH RECURSIVE times (time) AS (SELECT ${from} UNION ALL SELECT time + 1 FROM times WHERE time < ${from + count - 1}),
        numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${each - 1})
      INSERT INTO ${step}_totals
      SELECT time * ${stepMs}, 'ASSET' || (n / 10), 'venue' || (n % 5), iif(n % 10 < 5, 'long', 'short'), 3, 0, 0, time * 1.37, time * 1.37, 0.123, n * 9.87
      FROM times CROSS JOIN numbers`);
  db.exec("BEGIN");
  fill("hour", 0, hours, HOUR_MS, ROWS_AN_HOUR);
  fill("minute", hours * 60 - MINUTES, MINUTES, MINUTE_MS, ROWS_A_MINUTE);
  db.exec(`UPDATE hot_events SET from_time = ${(hours - 25) * HOUR_MS}; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`);
}

interface Seconds {
  readonly processor: number;
  readonly clock: number;
}

function secondsOf(run: () => void): Seconds {
  const [start, before] = [performance.now(), process.cpuUsage()];
  run();
  const { user, system } = process.cpuUsage(before);
  return { processor: (user + system) / 1e6, clock: (performance.now() - start) / 1_000 };
}
