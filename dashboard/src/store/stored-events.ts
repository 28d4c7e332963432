import { useEffect } from "preact/hooks";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { api, ask } from "../api/client.ts";
import { useQuery } from "../api/query.ts";
import { serverNow } from "../stream/server-clock.ts";
import { addStored, connectedTime } from "./live-store.ts";
import { reachOf } from "./reach.ts";

/** The largest page of the API for one base asset; of all, what fills a tape. */
const SYMBOL_EVENTS = 1_000;
const ALL_EVENTS = 500;
/** The feeds store what they receive in batches, so an answer lacks the seconds before it. */
const SETTLE_MS = 30_000;

/**
 * Puts the liquidations of the last hour into the log, below those that the stream sends. What happened just before the stream
 * was opened is in no store yet, so it is asked for once more.
 * @param symbol null: of all base assets
 */
export function useStoredEvents(symbol: string | null) {
  const query = {
    limit: symbol === null ? ALL_EVENTS : SYMBOL_EVENTS,
    include: "inferred" as const,
    ...(symbol === null ? {} : { symbol }),
  };
  const loaded = useQuery(`stored ${symbol ?? ""}`, () =>
    ask(api.GET("/v1/liquidations", { params: { query: { ...query, start: startOf(serverNow()) } } })),
  );
  const { data, meta, loadedTime, reload } = loaded;
  useEffect(() => {
    if (data === null || loadedTime === null) return;
    const start = startOf(loadedTime + serverNow() - Date.now());
    addStored(data, symbol, reachOf({ events: data, hasMore: meta?.next_cursor != null, start }));
  }, [data]);
  const connected = connectedTime.value;
  useEffect(() => {
    if (connected === null || loadedTime === null || loadedTime >= connected + SETTLE_MS) return;
    const timer = setTimeout(reload, connected + SETTLE_MS - Date.now());
    return () => clearTimeout(timer);
  }, [connected, loadedTime]);
  return loaded;
}

/** The last hour, in whole minutes, so that visitors share an answer. */
function startOf(time: number): number {
  return floorTo(time - HOUR_MS, MINUTE_MS);
}
