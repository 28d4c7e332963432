const ACQUIRE = `
  INSERT INTO leases (name, holder, until_time) VALUES (?1, ?2, ?4)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_time = excluded.until_time WHERE until_time <= ?3`;
const RELEASE = "DELETE FROM leases WHERE name = ?1 AND holder = ?2";

/**
 * Runs something unless another run holds the lease of this name. The lease ends with the run, or after `lengthMs` where
 * the run was killed. A run that takes longer than its lease is not stopped, so what it writes needs a condition too.
 * @returns null where another run holds the lease
 */
export async function underLease<Result>(
  db: D1Database,
  name: string,
  lengthMs: number,
  run: () => Promise<Result>,
): Promise<Result | null> {
  const holder = crypto.randomUUID();
  const now = Date.now();
  const acquired = await db
    .prepare(ACQUIRE)
    .bind(name, holder, now, now + lengthMs)
    .run();
  if (acquired.meta.changes !== 1) return null;
  try {
    return await run();
  } finally {
    await db.prepare(RELEASE).bind(name, holder).run();
  }
}
