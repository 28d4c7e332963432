import { api, ask } from "./client.ts";
import { useQuery } from "./query.ts";

const askStatus = () => ask(api.GET("/v1/status"));

export type Status = Extract<Awaited<ReturnType<typeof askStatus>>, { readonly kind: "ok" }>["data"];
export type Feed = Status["exchanges"][number];
/** A feed that answered; the other kind says why it did not. */
export type AnsweringFeed = Extract<Feed, { readonly sockets: unknown }>;

const REFRESH_MS = 30_000;

/** The status, which several screens show. */
export function useStatus() {
  return useQuery("status", askStatus, { refreshMs: REFRESH_MS });
}

export function isAnswering(feed: Feed): feed is AnsweringFeed {
  return "sockets" in feed;
}
