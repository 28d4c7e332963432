/** Why the server closes a stream, and what its client does then. */
export const CLOSE_CODES = {
  1001: { name: "going away", action: "Connect again with the id of the last frame." },
  1009: { name: "message too big", action: "Send messages of at most 4 kB." },
  1012: { name: "service restart", action: "Connect again with the id of the last frame, after up to 5 s." },
  1013: { name: "try again later", action: "Connect again after 30 s: no relay has room." },
  4000: {
    name: "request refused",
    action: "Correct what the reason names. Where it names last_event_id, connect again without it: the stream never gave that id.",
  },
  4001: { name: "not authorized", action: "Get a new ticket or another key; do not repeat the same request." },
  4002: { name: "idle", action: "Subscribe to something within 60 s of connecting." },
  4003: { name: "slow", action: "Read faster, filter more or acknowledge beats; then connect again with the id of the last frame." },
  4005: { name: "too many connections or requests", action: "Close other connections, then connect again after 30 s." },
  4008: { name: "too many messages", action: "Send at most 10 messages a second; then connect again." },
} as const satisfies Readonly<Record<number, { readonly name: string; readonly action: string }>>;
export type CloseCode = keyof typeof CLOSE_CODES;

/** WebSocket reasons have at most 123 bytes. */
export function closeReason(detail: string): string {
  const bytes = new TextEncoder().encode(detail);
  if (bytes.length <= 123) return detail;
  return new TextDecoder().decode(bytes.subarray(0, 120)).replaceAll("\uFFFD", "");
}
