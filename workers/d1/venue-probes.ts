import { DAY_MS } from "../../src/windows/calendar.ts";

/** What a venue without a feed answered when it was asked last. Times in ms. */
export interface StoredProbe {
  readonly venue: string;
  readonly attempted_time: number;
  readonly probed_time: number | null;
  readonly accepted: readonly string[];
  readonly refused: number;
  readonly unanswered: number;
  readonly found_time: number | null;
  readonly error: string | null;
  readonly failing_since: number | null;
}

type Row = Omit<StoredProbe, "accepted"> & { readonly accepted: string };

const COLUMNS = "venue, attempted_time, probed_time, accepted, refused, unanswered, found_time, error, failing_since";

export async function readProbes(db: D1Database): Promise<readonly StoredProbe[]> {
  const { results } = await db.prepare(`SELECT ${COLUMNS} FROM venue_probes ORDER BY venue`).all<Row>();
  return results.map((row) => ({ ...row, accepted: JSON.parse(row.accepted) as readonly string[] }));
}

export async function writeProbe(db: D1Database, probe: StoredProbe): Promise<void> {
  await db
    .prepare(`INSERT OR REPLACE INTO venue_probes (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`)
    .bind(
      probe.venue,
      probe.attempted_time,
      probe.probed_time,
      JSON.stringify(probe.accepted),
      probe.refused,
      probe.unanswered,
      probe.found_time,
      probe.error,
      probe.failing_since,
    )
    .run();
}

/** How often a venue is asked, and how soon again where it could not be. */
const INTERVAL_MS = 7 * DAY_MS;
const FAILED_INTERVAL_MS = DAY_MS;

/** When a venue is asked again at the earliest, ms. */
export function nextProbeTime({ attempted_time, error }: StoredProbe): number {
  return attempted_time + (error === null ? INTERVAL_MS : FAILED_INTERVAL_MS);
}
