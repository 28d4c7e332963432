/** A venue's page as it was read last. Times in ms. */
export interface StoredPage {
  readonly venue: string;
  readonly url: string;
  readonly attempted_time: number;
  readonly checked_time: number | null;
  readonly hash: string | null;
  readonly changed_time: number | null;
  /** JSON array of lines; null while the page never changed. */
  readonly added: string | null;
  readonly added_lines: number | null;
  readonly removed_lines: number | null;
  /** JSON array of `EarlierChange`. */
  readonly earlier: string;
  readonly error: string | null;
  readonly failing_since: number | null;
  /** Of a reading that is not believed yet, and since when every reading is the same. */
  readonly doubted_hash: string | null;
  readonly doubted_since: number | null;
}

const COLUMNS =
  "venue, url, attempted_time, checked_time, hash, changed_time, added, added_lines, removed_lines, earlier, error, failing_since, doubted_hash, doubted_since";

/** All pages without their texts. */
export async function readPages(db: D1Database): Promise<readonly StoredPage[]> {
  return (await db.prepare(`SELECT ${COLUMNS} FROM venue_pages ORDER BY venue`).all<StoredPage>()).results;
}

/** The text of a venue's page; null while it was never read. */
export function readPageText(db: D1Database, venue: string): Promise<string | null> {
  return db.prepare("SELECT text FROM venue_pages WHERE venue = ?1").bind(venue).first<string>("text");
}

/** @param text null keeps the stored one, unless the address is another */
export async function writePage(db: D1Database, page: StoredPage, text: string | null): Promise<void> {
  const columns = COLUMNS.split(", ");
  const placed = columns.map((_column, index) => `?${index + 1}`);
  const sql = `
    INSERT INTO venue_pages (${COLUMNS}, text) VALUES (${placed.join(", ")}, ?${columns.length + 1})
    ON CONFLICT (venue) DO UPDATE SET
      text = CASE WHEN excluded.url = venue_pages.url THEN coalesce(excluded.text, venue_pages.text) ELSE excluded.text END,
      ${columns
        .slice(1)
        .map((column) => `${column} = excluded.${column}`)
        .join(", ")}`;
  await db
    .prepare(sql)
    .bind(...columns.map((column) => page[column as keyof StoredPage]), text)
    .run();
}
