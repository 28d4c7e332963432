/** A database that counts the rows its statements read and write, as D1 bills them. */
export class CountingDatabase {
  rowsRead = 0;
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  prepare(sql: string): CountedStatement {
    return new CountedStatement(this.#db.prepare(sql), (result) => this.#add(result));
  }

  async batch(statements: readonly CountedStatement[]): Promise<readonly D1Result[]> {
    const results = await this.#db.batch(statements.map(({ statement }) => statement));
    for (const result of results) this.#add(result);
    return results;
  }

  #add({ meta }: D1Result): void {
    this.rowsRead += meta.rows_read;
  }
}

class CountedStatement {
  readonly statement: D1PreparedStatement;
  readonly #count: (result: D1Result) => void;

  constructor(statement: D1PreparedStatement, count: (result: D1Result) => void) {
    this.statement = statement;
    this.#count = count;
  }

  bind(...values: readonly unknown[]): CountedStatement {
    return new CountedStatement(this.statement.bind(...values), this.#count);
  }

  async all(): Promise<D1Result> {
    const result = await this.statement.all();
    this.#count(result);
    return result;
  }

  run(): Promise<D1Result> {
    return this.all();
  }

  async first(column?: string): Promise<unknown> {
    const [row] = (await this.all()).results as readonly Readonly<Record<string, unknown>>[];
    return row === undefined ? null : column === undefined ? row : row[column];
  }
}
