import * as z from "zod";
import type { Config } from "../../src/config.ts";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { EXCHANGES, POSITION_SIDES } from "../../src/liquidation-fields.ts";
import type { Totals } from "../../src/windows/totals.ts";
import { callSupabase } from "./connection.ts";
import { readPage } from "./pages.ts";
import type { Page } from "./pages.ts";
import { SupabaseError } from "./problem.ts";

export type TotalsInterval = "1m" | "1h" | "1d";

const UNITS: Readonly<Record<TotalsInterval, string>> = { "1m": "minute", "1h": "hour", "1d": "day" };

/** Place of a row in the order of pages. */
export interface TotalsKey {
  /** Start of the minute, hour or day (UTC), ms. */
  readonly time: number;
  readonly symbol: string;
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
}

export interface TotalsRow extends TotalsKey, Totals {}

/** A filter, null for all; times in ms, `[start, end)` by event time: the first and last bucket may be cut. */
export interface TotalsQuery {
  readonly interval: TotalsInterval;
  readonly start: number;
  readonly end: number;
  readonly symbol: string | null;
  readonly exchange: ExchangeName | null;
  readonly limit: number;
  readonly after: TotalsKey | null;
}

const answerSchema = z.array(
  z.object({
    bucket_time: z.string(),
    symbol: z.string(),
    exchange: z.enum(EXCHANGES),
    position_side: z.enum(POSITION_SIDES),
    events: z.number(),
    events_without_usd: z.number(),
    events_without_notional_mark: z.number(),
    usd: z.number().nullable(),
    notional_mark_usd: z.number().nullable(),
    quantity: z.number().nullable(),
    max_usd: z.number().nullable(),
  }),
);

/**
 * Totals per bucket, symbol, venue and side, ascending in that order, page by page.
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where the request fails
 */
export function readTotals(config: Config, query: TotalsQuery): Promise<Page<TotalsRow, TotalsKey>> {
  return readPage<TotalsRow, TotalsKey>(
    query.limit,
    query.after,
    ({ time, symbol, exchange, position_side }) => ({ time, symbol, exchange, position_side }),
    async (after, limit) => {
      const args = functionArguments(query, after, limit);
      const answer = await callSupabase(config, (client) => client.rpc("liquidation_totals", args));
      if (answer.kind === "problem") throw new SupabaseError(answer.problem, "liquidation_totals");
      return answerSchema.parse(answer.data).map(({ bucket_time, ...row }) => ({ ...row, time: Date.parse(bucket_time) }));
    },
  );
}

const iso = (time: number): string => new Date(time).toISOString();

function functionArguments(query: TotalsQuery, after: TotalsKey | null, limit: number) {
  return {
    bucket_unit: UNITS[query.interval],
    start_time: iso(query.start),
    end_time: iso(query.end),
    for_symbol: query.symbol,
    for_exchange: query.exchange,
    after_bucket: after === null ? null : iso(after.time),
    after_symbol: after?.symbol ?? null,
    after_exchange: after?.exchange ?? null,
    after_side: after?.position_side ?? null,
    max_rows: limit,
  };
}
