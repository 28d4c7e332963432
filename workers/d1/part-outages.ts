import type { PartOutage, WatchedPart } from "../../src/operations.ts";

type OutageRow = Omit<PartOutage, "announced"> & { readonly announced: number };

const ALL = "SELECT part, since, announced, error FROM part_outages";
const WRITE = `
  INSERT INTO part_outages (part, since, announced, error) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (part) DO UPDATE SET since = excluded.since, announced = excluded.announced, error = excluded.error`;

/** The parts that do not work. */
export async function partOutages(db: D1Database): Promise<readonly PartOutage[]> {
  const { results } = await db.prepare(ALL).all<OutageRow>();
  return results.map((row) => ({ ...row, announced: row.announced === 1 }));
}

/** Null where the part works. */
export async function outageOf(db: D1Database, part: WatchedPart): Promise<PartOutage | null> {
  return (await partOutages(db)).find((outage) => outage.part === part) ?? null;
}

/** @param outage null where the part works */
export async function writeOutage(db: D1Database, part: WatchedPart, outage: PartOutage | null): Promise<void> {
  if (outage === null) await db.prepare("DELETE FROM part_outages WHERE part = ?1").bind(part).run();
  else
    await db
      .prepare(WRITE)
      .bind(part, outage.since, outage.announced ? 1 : 0, outage.error)
      .run();
}
