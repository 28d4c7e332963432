/** A condition in SQL with the values of its question marks. */
export type Condition = readonly [sql: string, values: readonly (string | number)[]];

/** The values of a row's key, by which a list is ordered. */
export type RowKey = readonly (string | number)[];

/** A page of rows that pass filters which no index knows. */
export interface Scan {
  readonly columns: readonly string[];
  /** The table, and where needed the index that has its rows in the order of the key. */
  readonly from: string;
  /** The columns of the order, of which the last makes every row's place unique; they are among `columns`. */
  readonly key: readonly string[];
  readonly order: "asc" | "desc";
  /** Conditions that the index answers: no other row is read. */
  readonly within: readonly Condition[];
  /** Conditions that each row is checked for. */
  readonly filters: readonly Condition[];
  /** The key of the last row of the previous page. */
  readonly after: RowKey | null;
  readonly limit: number;
}

export interface ScannedRows<Row> {
  readonly rows: readonly Row[];
  /** Where reading stopped although the page is not full and more rows may match; null where none do. */
  readonly stoppedAt: RowKey | null;
}

/** How far reading got where it stopped before the page was full: the first value of the key; null where it did not. */
export function scannedTo({ stoppedAt }: ScannedRows<unknown>): number | string | null {
  return stoppedAt?.[0] ?? null;
}

/**
 * Rows that the first statement reads at most, and those after it: they follow where the page is not full and the last row
 * read is not known. D1 reads each of them twice at worst, once to find where reading stops.
 */
const READ_AT_MOST = [800, 200, 200];

type Checked<Row> = Row & { readonly scan_matches?: number | null };

/** Reads a page, but never more than a fixed number of rows, however few of them match. */
export async function scanPage<Row extends object>(db: D1Database, scan: Scan): Promise<ScannedRows<Row>> {
  const rows: Row[] = [];
  let { after } = scan;
  for (const most of READ_AT_MOST) {
    const limit = scan.limit - rows.length;
    const found = (await chunk(db, { ...scan, after, limit }, most).all<Checked<Row>>()).results;
    const last = found.at(-1);
    rows.push(...found.filter((row) => row.scan_matches !== 0 && row.scan_matches !== null).map(withoutCheck));
    if (rows.length === scan.limit || last === undefined || scan.filters.length === 0) return { rows, stoppedAt: null };
    after = keyOf(last, scan.key);
    if (last.scan_matches !== 1) return { rows, stoppedAt: after };
  }
  return { rows, stoppedAt: after };
}

/**
 * The matching rows among the next `most`. Where the last of those does not match it is returned too, to tell how far reading
 * got: SQLite looks for it only once a row does not match, so a page without such rows costs nothing more.
 */
function chunk(db: D1Database, { columns, from, key, order, within, filters, after, limit }: Scan, most: number): D1PreparedStatement {
  const place = `(${key.join(", ")})`;
  const next: Condition | null =
    after === null ? null : [`${place} ${order === "asc" ? ">" : "<"} (${after.map(() => "?").join(", ")})`, after];
  const read = next === null ? within : [...within, next];
  const source = `FROM ${from} ${where(read)} ORDER BY ${key.map((name) => `${name} ${order}`).join(", ")}`;
  if (filters.length === 0) {
    return db.prepare(`SELECT ${columns.join(", ")} ${source} LIMIT ?`).bind(...valuesOf(read), limit);
  }
  const sql = `
    SELECT * FROM (SELECT ${columns.join(", ")}, (${filters.map(([text]) => text).join(" AND ")}) AS scan_matches ${source} LIMIT ?)
    WHERE scan_matches OR ${place} = (SELECT ${key.join(", ")} ${source} LIMIT 1 OFFSET ?) LIMIT ?`;
  return db.prepare(sql).bind(...valuesOf(filters), ...valuesOf(read), most, ...valuesOf(read), most - 1, limit);
}

function where(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.map(([text]) => text).join(" AND ")}`;
}

function valuesOf(conditions: readonly Condition[]): readonly (string | number)[] {
  return conditions.flatMap(([, values]) => values);
}

function withoutCheck<Row extends object>({ scan_matches: _matches, ...row }: Checked<Row>): Row {
  return row as Row;
}

function keyOf(row: object, key: readonly string[]): RowKey {
  const values = new Map(Object.entries(row));
  return key.map((name) => values.get(name) as string | number);
}
