import { forgetKeyRequests } from "../access/keys.ts";

/** Deletes the idempotency data of key requests after 24 h, even if no other request follows. */
export async function keyRequests(db: D1Database, scheduledTime: number): Promise<{ readonly forgotten: number }> {
  return { forgotten: await forgetKeyRequests(db, scheduledTime) };
}
