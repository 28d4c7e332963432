/**
 * Signatures of Standard Webhooks 1.0.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

const PREFIX = "whsec_";
/** The specification requires 24 to 64 bytes. */
export const SECRET_BYTES = 32;

/** Formats a secret for its holder. @param bytes `SECRET_BYTES` random bytes */
export function formatSecret(bytes: Uint8Array): string {
  return PREFIX + toBase64(bytes);
}

/**
 * The value of `webhook-signature`: one signature per secret, so that a receiver may still hold the previous one after a
 * rotation.
 * @param seconds time of the attempt, as in `webhook-timestamp`
 */
export async function signatures(secrets: readonly string[], webhookId: string, seconds: number, body: string): Promise<string> {
  const content = new TextEncoder().encode(`${webhookId}.${seconds}.${body}`);
  const all = await Promise.all(secrets.map((secret) => sign(secret, content)));
  return all.join(" ");
}

async function sign(secret: string, content: BufferSource): Promise<string> {
  const key = await hmacKey(secret, "sign");
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, content)))}`;
}

/** The key of a secret, to sign or to verify with. */
export function hmacKey(secret: string, usage: "sign" | "verify"): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(secret.slice(PREFIX.length)), (character) => character.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [usage]);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
