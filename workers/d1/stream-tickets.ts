import { sha256Hex } from "../../src/sha256.ts";

/** A ticket is used within this time, ms. */
export const TICKET_MS = 60_000;

export interface MadeTicket {
  /** The secret, shown only once. */
  readonly ticket: string;
  readonly expires_time: number;
}

/** Makes a ticket for a caller, and deletes those that nobody used. */
export async function makeTicket(db: D1Database, owner: string, now: number): Promise<MadeTicket> {
  const ticket = `tkt_${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url")}`;
  const expires = now + TICKET_MS;
  await db.batch([
    db.prepare("DELETE FROM stream_tickets WHERE expires_time <= ?1").bind(now),
    db
      .prepare("INSERT INTO stream_tickets (ticket_hash, owner, expires_time) VALUES (?1, ?2, ?3)")
      .bind(await sha256Hex(ticket), owner, expires),
  ]);
  return { ticket, expires_time: expires };
}

/** Uses a ticket up. @returns whose it was; null where it does not exist, was used or has expired */
export async function useTicket(db: D1Database, ticket: string, now: number): Promise<string | null> {
  const sql = "DELETE FROM stream_tickets WHERE ticket_hash = ?1 RETURNING owner, expires_time";
  const row = await db
    .prepare(sql)
    .bind(await sha256Hex(ticket))
    .first<{ owner: string; expires_time: number }>();
  return row !== null && row.expires_time > now ? row.owner : null;
}
