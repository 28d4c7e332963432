const TAKE = `
  INSERT INTO leases (name, holder, until_time) VALUES (?1, ?2, ?4)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_time = excluded.until_time WHERE until_time <= ?3`;
const RENEW = "UPDATE leases SET until_time = ?3 WHERE name = ?1 AND holder = ?2";
const RELEASE = "DELETE FROM leases WHERE name = ?1 AND holder = ?2";
const HELD = "SELECT name FROM leases WHERE name >= ?1 AND name < ?1 || char(0x10ffff) AND until_time > ?2";

/** The right to do some work alone, until it is released or its time is over. */
export interface Lease {
  readonly name: string;
  /** Who holds it: no two runs have the same. */
  readonly holder: string;
}

/** @returns false where somebody else holds the lease */
export async function takeLease(db: D1Database, { name, holder }: Lease, lengthMs: number, now = Date.now()): Promise<boolean> {
  const taken = await db
    .prepare(TAKE)
    .bind(name, holder, now, now + lengthMs)
    .run();
  return taken.meta.changes === 1;
}

/** @returns false where the lease was over and somebody else has it, or nobody */
export async function renewLease(db: D1Database, { name, holder }: Lease, lengthMs: number, now = Date.now()): Promise<boolean> {
  const renewed = await db
    .prepare(RENEW)
    .bind(name, holder, now + lengthMs)
    .run();
  return renewed.meta.changes === 1;
}

export async function releaseLease(db: D1Database, { name, holder }: Lease): Promise<void> {
  await db.prepare(RELEASE).bind(name, holder).run();
}

/** The names of the leases with this beginning that somebody holds. */
export async function heldLeases(db: D1Database, beginning: string, now = Date.now()): Promise<ReadonlySet<string>> {
  const { results } = await db.prepare(HELD).bind(beginning, now).all<{ readonly name: string }>();
  return new Set(results.map(({ name }) => name));
}

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
  const lease = { name, holder: crypto.randomUUID() };
  if (!(await takeLease(db, lease, lengthMs))) return null;
  try {
    return await run();
  } finally {
    await releaseLease(db, lease);
  }
}
