import { usageTally } from "../usage-tally.ts";

const TABLE = /\{(\w+)\}/g;
/** What may stand without braces where a statement names a table. */
const BARE_TABLE = /\b(?:FROM|JOIN|INTO|UPDATE|TABLE|RENAME TO)\s+(?!SET\b|IF\b|json_each\b)(\w+)/;

/**
 * The tables of one venue in the storage of an object that other venues may share. Statements name a table in braces, as
 * in `SELECT * FROM {events}`, which become the venue's prefix.
 */
export class VenueStorage {
  readonly sql: VenueSql;
  readonly #storage: DurableObjectStorage;

  /** @param prefix of the names of the tables; empty for the venue that the object is named after */
  constructor(storage: DurableObjectStorage, prefix = "") {
    this.#storage = storage;
    this.sql = new VenueSql(storage, prefix);
  }

  transactionSync<T>(run: () => T): T {
    return this.#storage.transactionSync(run);
  }
}

export class VenueSql {
  readonly #storage: DurableObjectStorage;
  readonly #prefix: string;
  /** The statements are few, and each is run many times. */
  readonly #resolved = new Map<string, string>();

  constructor(storage: DurableObjectStorage, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  /** The size of the whole object's storage, bytes, whichever venues share it. */
  get databaseSize(): number {
    return this.#storage.sql.databaseSize;
  }

  /** @throws where a statement names a table without braces, which may be another venue's */
  exec<Row extends Record<string, SqlStorageValue>>(statement: string, ...bindings: readonly SqlStorageValue[]): SqlStorageCursor<Row> {
    const cursor = this.#storage.sql.exec<Row>(this.#resolve(statement), ...bindings);
    usageTally.add("object_rows_written", cursor.rowsWritten);
    return cursor;
  }

  #resolve(statement: string): string {
    const known = this.#resolved.get(statement);
    if (known !== undefined) return known;
    const bare = BARE_TABLE.exec(statement)?.[1];
    if (bare !== undefined) throw new Error(`A statement of a feed names the table ${bare}; it must be written {${bare}}: ${statement}`);
    const resolved = statement.replace(TABLE, (_, table: string) => this.#prefix + table);
    this.#resolved.set(statement, resolved);
    return resolved;
  }
}
