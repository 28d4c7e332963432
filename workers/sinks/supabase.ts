import type { Sink } from "../../src/sink.ts";
import { missingVariables, SupabaseOffError } from "../supabase/connection.ts";
import { storeImpacts } from "../supabase/store-impacts.ts";
import { storeLiquidations } from "../supabase/store-liquidations.ts";

/** The archive: every liquidation as a row of `liquidation_events` in a Supabase project. */
export const supabaseSink: Sink<unknown> = {
  name: "supabase",
  off(_env, config) {
    const missing = missingVariables(config);
    return missing.length === 0 ? null : new SupabaseOffError(missing).message;
  },
  intervalMs: (config) => config.LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS * 1000,
  // Ten requests per write, so that a long backlog is sent in full requests and progress is still saved often.
  mergedRows: (config) => 10 * config.LIQUIDATION_CLOUD_SYNC_BATCH_SIZE,
  write: (_env, config, batch) => storeLiquidations(config, batch.rows),
  writeImpacts: (_env, config, impacts) => storeImpacts(config, impacts),
};
