/** The rows that D1 bills, as its own counters report them. */
export interface RowCounts {
  readonly rows_read: number;
  readonly rows_written: number;
}

/** What one read may cost at most, whatever it returns. */
const MAX_ROWS_READ = 5_000;
/** For each row that it returns. */
const MAX_ROWS_READ_PER_ROW = 12;

/**
 * The rows that one read may cost at most.
 * @param returned the rows of the answer
 */
export function rowBudget(returned: number): number {
  return Math.max(MAX_ROWS_READ, MAX_ROWS_READ_PER_ROW * returned);
}

/** Sums what the statements of one request or job cost. */
export class RowMeter {
  #read = 0;
  #written = 0;

  /** @param _statement the SQL that cost the rows */
  add({ rows_read: read, rows_written: written }: RowCounts, _statement: string): void {
    this.#read += read;
    this.#written += written;
  }

  get counts(): RowCounts {
    return { rows_read: this.#read, rows_written: this.#written };
  }
}

/** The same bindings with a database whose rows a new meter counts. */
export function withRowMeter<Bindings extends { readonly DB: D1Database }>(
  env: Bindings,
): { readonly env: Bindings; readonly meter: RowMeter } {
  const meter = new RowMeter();
  return { env: { ...env, DB: meteredDatabase(env.DB, meter) }, meter };
}

/** A database that adds the rows of each of its statements to a meter. It offers what this code uses of D1. */
export function meteredDatabase(db: D1Database, meter: RowMeter): D1Database {
  const metered: Pick<D1Database, "prepare" | "batch"> = {
    prepare: (sql) => meteredStatement(db.prepare(sql), meter, sql),
    async batch<Row>(statements: D1PreparedStatement[]) {
      const plain = statements.map((statement) => PLAIN.get(statement) ?? { statement, sql: "" });
      const results = await db.batch<Row>(plain.map(({ statement }) => statement));
      for (const [index, { meta }] of results.entries()) meter.add(meta, plain[index]?.sql ?? "");
      return results;
    },
  };
  return metered as D1Database;
}

/** The statement of D1 behind a metered one, which a batch takes, and its SQL. */
const PLAIN = new WeakMap<D1PreparedStatement, { readonly statement: D1PreparedStatement; readonly sql: string }>();

function meteredStatement(plain: D1PreparedStatement, meter: RowMeter, sql: string): D1PreparedStatement {
  const all = async <Row>(): Promise<D1Result<Row>> => {
    const result = await plain.all<Row>();
    meter.add(result.meta, sql);
    return result;
  };
  const metered: Omit<D1PreparedStatement, "raw"> = {
    bind: (...values: unknown[]) => meteredStatement(plain.bind(...values), meter, sql),
    all,
    run: all,
    // Alone it would not report its rows. D1 runs the whole statement for it too.
    async first(column?: string) {
      const [row] = (await all<Record<string, unknown>>()).results;
      return (row === undefined ? null : column === undefined ? row : (row[column] ?? null)) as never;
    },
  };
  PLAIN.set(metered as D1PreparedStatement, { statement: plain, sql });
  return metered as D1PreparedStatement;
}
