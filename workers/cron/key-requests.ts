import { forgetKeyRequests } from "../access/keys.ts";

/** A request that made a key is remembered for 24 h, and not until the next one comes. */
export async function keyRequests(db: D1Database, scheduledTime: number): Promise<{ readonly forgotten: number }> {
  return { forgotten: await forgetKeyRequests(db, scheduledTime) };
}
