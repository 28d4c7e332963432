import type { SupabaseClient } from "@supabase/supabase-js";
import type { Config } from "../../src/config.ts";
import type { ExchangeName, Liquidation, PositionSide } from "../../src/liquidation.ts";
import { callSupabase } from "./connection.ts";
import { fromRow, LIQUIDATION_SELECT } from "./liquidation-row.ts";
import { readPage } from "./pages.ts";
import type { Page } from "./pages.ts";
import { SupabaseError } from "./problem.ts";
import { tableRows } from "./table-rows.ts";

/** Place of an event in the order of pages. */
export interface EventKey {
  readonly event_time: number;
  readonly event_id: string;
}

/** A filter, null for all; times in ms, `[start, end)` by event time. */
export interface LiquidationQuery {
  readonly start: number;
  readonly end: number;
  readonly symbols: readonly string[] | null;
  readonly exchanges: readonly ExchangeName[] | null;
  readonly side: PositionSide | null;
  readonly minUsd: number | null;
  /** Includes inferred events, which no venue reported. */
  readonly inferred?: boolean;
  readonly order: "asc" | "desc";
  readonly limit: number;
  /** Only events after this one, in the requested order. */
  readonly after: EventKey | null;
}

/**
 * Liquidations in the order of event time and id, page by page; pages miss and repeat nothing while new rows arrive.
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where the request fails
 */
export function readLiquidations(config: Config, query: LiquidationQuery): Promise<Page<Liquidation, EventKey>> {
  return readPage<Liquidation, EventKey>(
    query.limit,
    query.after,
    ({ event_time, event_id }) => ({ event_time, event_id }),
    async (after, limit) => {
      const answer = await callSupabase(config, (client) => select(client, { ...query, after, limit }));
      if (answer.kind === "problem") throw new SupabaseError(answer.problem, "liquidation_events");
      return tableRows(answer.data).map(fromRow);
    },
  );
}

const iso = (time: number): string => new Date(time).toISOString();

/** A text inside a filter: quoted, because ids contain characters with a meaning there. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

function select(client: SupabaseClient, query: LiquidationQuery) {
  const ascending = query.order === "asc";
  let request = client
    .from("liquidation_events")
    .select(LIQUIDATION_SELECT)
    .gte("event_time", iso(query.start))
    .lt("event_time", iso(query.end));
  if (query.symbols !== null) request = request.in("symbol", query.symbols);
  if (query.exchanges !== null) request = request.in("exchange", query.exchanges);
  if (query.side !== null) request = request.eq("position_side", query.side);
  if (query.inferred !== true) request = request.neq("coverage", "inferred");
  if (query.minUsd !== null) request = request.gte("usd_value", query.minUsd);
  if (query.after !== null) {
    const [time, id] = [iso(query.after.event_time), quoted(query.after.event_id)];
    const beyond = ascending ? "gt" : "lt";
    // The bound on the time is implied, but lets an index find the place.
    request = ascending ? request.gte("event_time", time) : request.lte("event_time", time);
    request = request.or(`event_time.${beyond}.${time},and(event_time.eq.${time},event_id.${beyond}.${id})`);
  }
  return request.order("event_time", { ascending }).order("event_id", { ascending }).limit(query.limit);
}
