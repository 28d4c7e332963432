import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";

const REFRESH_MS = 60_000;

/** The scoreboard, asked once for all panels that show a part of it. */
export function useScoreboard() {
  return useQuery("scoreboard", () => ask(api.GET("/v1/signals/scoreboard")), { refreshMs: REFRESH_MS });
}
