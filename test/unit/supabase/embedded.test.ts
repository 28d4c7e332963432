import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSupabase } from "../../../scripts/supabase/embedded.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { configFor } from "./sample-config.ts";
import { sampleLiquidations } from "./sample-liquidation.ts";

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "supabase-"));
});
afterAll(() => rm(dataDir, { recursive: true }));

test("keeps its rows over a restart, under the same address where a port is given, and takes each event once", async () => {
  const first = await startSupabase({ dataDir });
  await storeLiquidations(configFor(first), sampleLiquidations(12));
  await first.stop();
  await expect(fetch(`${first.url}/rest/v1/`)).rejects.toThrow();

  const second = await startSupabase({ dataDir, port: Number(new URL(first.url).port) });
  try {
    expect(second.url).toBe(first.url);
    expect(await second.query("select count(*)::int as count from liquidation_events")).toEqual([{ count: 12 }]);
    expect(await storeLiquidations(configFor(second), sampleLiquidations(14))).toEqual({ kind: "stored", refused: [] });
    expect(await second.query("select count(*)::int as count from liquidation_events")).toEqual([{ count: 14 }]);
  } finally {
    await second.stop();
  }
});
