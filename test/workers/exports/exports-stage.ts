import { env } from "cloudflare:workers";
import type { ApiDependencies } from "../../../workers/api/http/api-env.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { apiClient, type Reply } from "../api/api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";

/** Two days after the day the samples play on. */
export const NOW = DAY + 2 * 86_400_000;
export const ADMIN_TOKEN = "the-admin-token-of-all-these-tests";

/** The `n`th event of the day: one a minute. */
export function event(n: number, changes: Partial<Liquidation> = {}): Liquidation {
  const time = DAY + n * 60_000;
  return sampleLiquidation({ event_id: `id${String(n).padStart(6, "0")}`, event_time: time, received_time: time + 50, ...changes });
}

/** The filters of an export of everything. */
export const UNFILTERED = {
  kind: "liquidations",
  symbols: null,
  exchanges: null,
  side: null,
  min_usd: null,
  columns: null,
  inferred: false,
} as const;

let sequence = 0;

/** Stores a batch as a feed would, in the bucket and in D1, or, where it is about many rows, in the bucket alone. */
export async function store(
  rows: readonly Liquidation[],
  exchange: Liquidation["exchange"] = "binance",
  sinks = [r2Sink, d1Sink],
): Promise<void> {
  sequence += 1;
  const batch = { ...sampleBatch(rows, exchange), sequence };
  const outcomes = await Promise.all(sinks.map((sink) => sink.write(env, parseConfig({}), batch)));
  if (outcomes.some(({ kind }) => kind !== "stored")) throw new Error(JSON.stringify(outcomes));
}

/** Asks the API as the holder of `ADMIN_TOKEN`, unless other headers are given. */
export function exportClient(now = NOW, changes: Readonly<Record<string, unknown>> = {}, feedStatuses?: ApiDependencies["feedStatuses"]) {
  const ask = apiClient(now, { ADMIN_TOKEN, ...changes }, feedStatuses);
  return (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
    ask(path, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

/** Waits for the workflow to end an export. */
export async function ended(call: ReturnType<typeof exportClient>, id: string): Promise<Reply["body"]> {
  let data: Reply["body"];
  await until("the export ends", async () => {
    ({ data } = (await call("GET", `/v1/exports/${id}`)).body);
    return data.state === "done" || data.state === "failed";
  });
  return data;
}
