import { parseConfig } from "../../src/config.ts";
import { storeLiquidations } from "../../workers/supabase/store-liquidations.ts";
import { startSupabase } from "../supabase/embedded.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const ROWS = 2000;
const ROWS_PER_REQUEST = 100;
/** Longest a request of `ROWS_PER_REQUEST` rows may take. */
const BUDGET_MS = 2000;

/**
 * Syncs rows to the embedded Supabase, once new and once again as duplicates.
 * @throws {Error} where a request is over the budget or a row is missing
 */
export async function benchSupabase(print: (line: string) => void): Promise<void> {
  const stack = await startSupabase({ dataDir: null });
  try {
    const config = parseConfig({
      SUPABASE_URL: stack.url,
      SUPABASE_SECRET_KEY: stack.secretKey,
      LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: String(ROWS_PER_REQUEST),
    });
    const rows = sampleLiquidations(ROWS);
    for (const kind of ["new", "stored before"]) {
      const times: number[] = [];
      for (let start = 0; start < ROWS; start += ROWS_PER_REQUEST) {
        const began = performance.now();
        const outcome = await storeLiquidations(config, rows.slice(start, start + ROWS_PER_REQUEST));
        times.push(performance.now() - began);
        if (outcome.kind !== "stored" || outcome.refused.length > 0) throw new Error(`not stored: ${JSON.stringify(outcome)}`);
      }
      print(describe(kind, times));
      if (Math.max(...times) > BUDGET_MS) throw new Error(`a request took over ${BUDGET_MS} ms`);
    }
    const [count] = await stack.query("select count(*)::int as count from liquidation_events");
    if (count?.["count"] !== ROWS) throw new Error(`${String(count?.["count"])} of ${ROWS} rows are stored`);
  } finally {
    await stack.stop();
  }
}

function describe(kind: string, times: readonly number[]): string {
  const total = times.reduce((sum, time) => sum + time, 0);
  const sorted = times.toSorted((a, b) => a - b);
  const [median, longest] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
  const rate = Math.round((ROWS / total) * 1000);
  return `supabase: ${ROWS} rows ${kind} in ${times.length} requests: ${total.toFixed(0)} ms, ${rate} rows/s; a request ${median.toFixed(0)} ms median, ${longest.toFixed(0)} ms longest (budget ${BUDGET_MS} ms)`;
}
