import { sha256 } from "../../src/sha256.ts";

const encoder = new TextEncoder();

/** HMAC-SHA256 of a text. */
export async function hmac(key: string, text: string): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

/** Compares digests, so that the duration reveals nothing about the secret, not even its length. */
export async function sameText(a: string, b: string): Promise<boolean> {
  return crypto.subtle.timingSafeEqual(await sha256(a), await sha256(b));
}
