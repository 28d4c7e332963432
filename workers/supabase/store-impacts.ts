import type { Config } from "../../src/config.ts";
import type { Impact } from "../../src/sink.ts";
import { callSupabase } from "./connection.ts";
import { SupabaseError } from "./problem.ts";

const FUNCTION = "liquidation_set_impacts";
/** An impact has a tenth of the fields of an event. */
const IMPACTS_PER_EVENT = 10;

/**
 * Adds impacts to their events, ten times as many per request as events.
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where a request fails; the earlier requests are stored
 */
export async function storeImpacts(config: Config, impacts: readonly Impact[], timeoutMs?: number): Promise<void> {
  const size = IMPACTS_PER_EVENT * config.LIQUIDATION_CLOUD_SYNC_BATCH_SIZE;
  for (let start = 0; start < impacts.length; start += size) {
    const part = impacts.slice(start, start + size).map((impact) => ({ ...impact, event_time: new Date(impact.event_time).toISOString() }));
    const answer = await callSupabase(config, (client) => client.rpc(FUNCTION, { impacts: part }), timeoutMs);
    if (answer.kind === "problem") throw new SupabaseError(answer.problem, FUNCTION);
  }
}
