/** The time since which `liquidations` holds every stored event. */
export async function hotEventsFrom(db: D1Database): Promise<number> {
  return (await db.prepare("SELECT from_time FROM hot_events").first<number>("from_time")) ?? 0;
}
