import { MINUTE_MS, floorTo } from "../../../../src/windows/calendar.ts";
import { api, ask } from "../../api/client.ts";
import { type Loaded, useQuery } from "../../api/query.ts";
import { serverNow } from "../../stream/server-clock.ts";
import type { MarkCandle } from "../../api/schema.ts";
import type { ChartStep } from "./steps.ts";

const REFRESH_MS = 60_000;

/** The first moment that the chart shows, in whole steps, so that visitors who look at the same share an answer. */
export function chartStart({ ms, rangeMs }: ChartStep): number {
  return floorTo(serverNow() - rangeMs, Math.max(ms, MINUTE_MS));
}

/** The mark prices of one venue, which the chart and the price above it share. Charts of seconds have them by the minute. */
export function useMarks(symbol: string, step: ChartStep) {
  return useQuery(
    `marks ${symbol} ${step.name}`,
    () => ask(api.GET("/v1/marks", { params: { query: { symbol, interval: step.stored?.marks ?? "1m", start: chartStart(step) } } })),
    { refreshMs: REFRESH_MS },
  );
}

/** Up to this time an answer may hold mark prices: a minute is stored once it has ended, by the server's clock. */
export function marksTo({ loadedTime }: Pick<Loaded<readonly MarkCandle[]>, "loadedTime">): number {
  return floorTo((loadedTime ?? 0) + serverNow() - Date.now(), MINUTE_MS);
}
