import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";

type Cell = string | number | null;

/** D1 takes 2,000,000 bytes a value; a UTF-16 unit is at most three of UTF-8. */
const MAX_UNITS = 600_000;

/** Inserts rows, whatever their number: each statement carries as many as fit. */
export async function insertRows<Column extends string>(
  db: D1Database,
  table: string,
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, Cell>>[],
): Promise<void> {
  const values = columns.map((_, index) => `value ->> ${index}`);
  const sql = `INSERT INTO ${table} (${columns.map((name) => `"${name}"`).join(", ")}) SELECT ${values.join(", ")} FROM json_each(?1)`;
  const statements: D1PreparedStatement[] = [];
  let texts: string[] = [];
  let units = 0;
  const flush = () => {
    if (texts.length > 0) statements.push(db.prepare(sql).bind(`[${texts.join(",")}]`));
    [texts, units] = [[], 0];
  };
  for (const row of rows) {
    const text = JSON.stringify(columns.map((name) => row[name]));
    if (units + text.length > MAX_UNITS) flush();
    texts.push(text);
    units += text.length + 1;
  }
  flush();
  for (const statement of statements) await statement.run();
}
