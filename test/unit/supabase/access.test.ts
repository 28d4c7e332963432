import { createClient } from "@supabase/supabase-js";
import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSupabase } from "../../../scripts/supabase/embedded.ts";
import type { EmbeddedSupabase } from "../../../scripts/supabase/embedded.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { toRow } from "../../../workers/supabase/liquidation-row.ts";
import { configFor } from "./sample-config.ts";
import { sampleLiquidation, sampleLiquidations } from "./sample-liquidation.ts";

const TABLES = ["liquidation_events", "liquidation_analytics", "liquidation_signals"] as const;

let stack: EmbeddedSupabase;

beforeAll(async () => {
  stack = await startSupabase({ dataDir: null });
  await storeLiquidations(configFor(stack), sampleLiquidations(3));
});
afterAll(() => stack.stop());

function clientAs(key: string, token: string): SupabaseClient {
  const auth = { persistSession: false, autoRefreshToken: false };
  return createClient(stack.url, key, { auth, global: { headers: { authorization: `Bearer ${token}` } } });
}
const anon = (): SupabaseClient => clientAs(stack.anonKey, stack.anonKey);
const authenticated = (): SupabaseClient => clientAs(stack.anonKey, stack.authenticatedToken);

describe("anon", () => {
  test.each(TABLES)("may not read %s", async (table) => {
    expect((await anon().from(table).select()).error?.code).toBe("42501");
  });

  test("may not write", async () => {
    expect(
      (
        await anon()
          .from("liquidation_events")
          .insert(toRow(sampleLiquidation(9)))
      ).error?.code,
    ).toBe("42501");
  });

  test.each([
    ["liquidation_maintain_partitions", {}],
    ["liquidation_totals", { bucket_unit: "day", start_time: "2020-01-01", end_time: "2040-01-01" }],
    ["liquidation_apply_retention", { keep_days: 1 }],
    ["liquidation_set_impacts", { impacts: [] }],
  ])("may not call %s", async (name, args) => {
    expect((await anon().rpc(name, args)).error?.code).toBe("42501");
  });
});

describe("authenticated", () => {
  test.each(TABLES)("may read %s", async (table) => {
    const { data, error } = await authenticated().from(table).select();
    expect(error).toBeNull();
    expect(data).toHaveLength(table === "liquidation_events" ? 3 : 0);
  });

  test("may read totals", async () => {
    const args = { bucket_unit: "day", start_time: "2020-01-01", end_time: "2040-01-01" };
    const { data } = await authenticated().rpc("liquidation_totals", args);
    expect(data).toMatchObject([{ events: 3 }]);
  });

  test("may neither add, change nor delete", async () => {
    const table = authenticated().from("liquidation_events");
    const answers = [
      await table.insert(toRow(sampleLiquidation(9))),
      await table.update({ usd_value: 0 }).eq("symbol", "BTC"),
      await table.delete().eq("symbol", "BTC"),
      await authenticated().rpc("liquidation_apply_retention", { keep_days: 1 }),
      await authenticated().rpc("liquidation_maintain_partitions"),
      await authenticated().rpc("liquidation_set_impacts", { impacts: [] }),
    ];
    expect(answers.map(({ error }) => error?.code)).toEqual(answers.map(() => "42501"));
  });
});

test("partitions are not served by their own names, not even to the service role", async () => {
  const month = new Date().toISOString().slice(0, 7).replace("-", "_");
  const client = clientAs(stack.serviceRoleKey, stack.serviceRoleKey);
  const request = await fetch(`${stack.url}/rest/v1/liquidation_events_${month}`, { headers: { apikey: stack.secretKey } });
  expect(request.status).toBe(404);
  expect((await client.schema("liquidation_internal").from(`liquidation_events_${month}`).select()).error?.code).toBe("PGRST106");
});
