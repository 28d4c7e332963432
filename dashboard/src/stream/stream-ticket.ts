import { api, ask } from "../api/client.ts";
import { apiKey } from "../api/key.ts";
import type { StreamRequest } from "./stream-client.ts";

/** A browser cannot send a key with a WebSocket, so the key buys a ticket. Without a key the stream may be open to all. */
export const streamTicket: StreamRequest["ticket"] = async () => {
  if (apiKey.peek() === null) return { ticket: null };
  const outcome = await ask(api.POST("/v1/stream/tickets"));
  if (outcome.kind === "ok") return { ticket: outcome.data.ticket };
  const { kind, detail, retryAfterMs } = outcome.failure;
  if (kind === "unauthorized" || kind === "forbidden") return { refusal: detail };
  return { retryMs: retryAfterMs ?? 5_000 };
};
