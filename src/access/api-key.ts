/** The scopes of a key; `admin` includes all others. */
export const SCOPES = ["read", "export", "webhooks", "rules", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** `liq_` and 32 bytes in base64url. */
const KEY = /^liq_[\w-]{43}$/;
const PREFIX_LENGTH = 10;

export function isApiKey(text: string): boolean {
  return KEY.test(text);
}

export function formatApiKey(bytes: Uint8Array): string {
  return `liq_${Buffer.from(bytes).toString("base64url")}`;
}

/** The first characters of a key: enough to recognize it, useless to an attacker. */
export function shownPrefix(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}
