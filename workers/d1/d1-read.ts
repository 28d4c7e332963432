/** Statements, and what their results come to. A call of D1 takes longer than most statements, so several reads can share one. */
export interface D1Read<Value> {
  readonly statements: readonly D1PreparedStatement[];
  /** @param results one for each statement, in their order */
  readonly valueOf: (results: readonly D1Result[]) => Value;
}

type ValuesOf<Reads extends readonly D1Read<unknown>[]> = {
  readonly [Index in keyof Reads]: Reads[Index] extends D1Read<infer Value> ? Value : never;
};

/** Reads several things in one call of D1, all from the same state of the database. */
export async function readTogether<const Reads extends readonly D1Read<unknown>[]>(db: D1Database, reads: Reads): Promise<ValuesOf<Reads>> {
  const results = await db.batch(reads.flatMap(({ statements }) => statements));
  let first = 0;
  const values = reads.map(({ statements, valueOf }) => valueOf(results.slice(first, (first += statements.length))));
  return values as ValuesOf<Reads>;
}
