/** What a key may do; `admin` includes the others. */
export const SCOPES = ["read", "export", "admin"] as const;
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

/** As much of a key as tells it from others and is of no use. */
export function shownPrefix(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}
