import { afterAll, beforeAll, expect, test } from "vitest";
import { startSupabase } from "../../../scripts/supabase/embedded.ts";
import type { EmbeddedSupabase } from "../../../scripts/supabase/embedded.ts";
import { readLiquidations } from "../../../workers/supabase/read-liquidations.ts";
import { readTotals } from "../../../workers/supabase/read-totals.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { configFor } from "./sample-config.ts";
import { SAMPLE_TIME, sampleLiquidation } from "./sample-liquidation.ts";

const RANGE = { start: SAMPLE_TIME, end: SAMPLE_TIME + 3_600_000 };
let stack: EmbeddedSupabase;

beforeAll(async () => {
  stack = await startSupabase({ dataDir: null });
  const inferred = sampleLiquidation(2, { event_id: "inferred", exchange: "kucoin", coverage: "inferred" });
  await storeLiquidations(configFor(stack), [sampleLiquidation(1, { event_id: "reported" }), inferred]);
});
afterAll(() => stack.stop());

async function idsRead(inferred: boolean): Promise<readonly string[]> {
  const all = { symbols: null, exchanges: null, side: null, minUsd: null, order: "asc", limit: 10, after: null } as const;
  const { rows } = await readLiquidations(configFor(stack), { ...RANGE, ...all, inferred });
  return rows.map((row) => row.event_id);
}

test("inferred events are read only where asked for", async () => {
  expect(await idsRead(false)).toEqual(["reported"]);
  expect(await idsRead(true)).toEqual(["reported", "inferred"]);
});

test.each(["1m", "1h", "1d"] as const)("inferred events are in no total by %s", async (interval) => {
  const { rows } = await readTotals(configFor(stack), { ...RANGE, interval, symbol: null, exchange: null, limit: 10, after: null });
  expect(rows.map(({ exchange, events }) => [exchange, events])).toEqual([["bybit", 1]]);
});
