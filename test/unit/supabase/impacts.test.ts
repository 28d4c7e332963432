import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSupabase } from "../../../scripts/supabase/embedded.ts";
import type { EmbeddedSupabase } from "../../../scripts/supabase/embedded.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import type { Impact } from "../../../src/sink.ts";
import { supabaseSink } from "../../../workers/sinks/supabase.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { configFor } from "./sample-config.ts";
import { sampleLiquidation, sampleLiquidations } from "./sample-liquidation.ts";

let stack: EmbeddedSupabase;

beforeAll(async () => {
  stack = await startSupabase({ dataDir: null });
});
afterAll(() => stack.stop());
beforeEach(async () => {
  await stack.query("truncate liquidation_events");
});
afterEach(() => stack.fail(null));

const store = (rows: readonly Liquidation[]) => storeLiquidations(configFor(stack), rows);
const tell = (impacts: readonly Impact[], variables: Readonly<Record<string, string>> = {}) =>
  supabaseSink.writeImpacts?.(undefined, configFor(stack, variables), impacts);
const stored = () => stack.query("select impact_1s_bps, impact_5s_bps, impact_60s_bps from liquidation_events order by event_id");

function impactOf({ event_id, event_time }: Liquidation, changes: Partial<Impact> = {}): Impact {
  return { event_id, event_time, impact_1s_bps: 0.1 + 0.2, impact_5s_bps: -12.5, impact_60s_bps: null, ...changes };
}
const TOLD = { impact_1s_bps: 0.1 + 0.2, impact_5s_bps: -12.5, impact_60s_bps: null };
const UNKNOWN = { impact_1s_bps: null, impact_5s_bps: null, impact_60s_bps: null };

describe("impacts in Supabase", () => {
  test("are added to the events they belong to and to no other, however often", async () => {
    const rows = sampleLiquidations(3);
    await store(rows);
    const [first, , last] = rows.map((row) => impactOf(row));
    for (let time = 0; time < 2; time += 1) await tell([first, last].filter((one) => one !== undefined));
    expect(await stored()).toEqual([TOLD, UNKNOWN, TOLD]);
  });

  test("of an event that is not there, or is there with another time, change nothing", async () => {
    const row = sampleLiquidation(1);
    await store([row]);
    await tell([impactOf(sampleLiquidation(2)), impactOf({ ...row, event_time: row.event_time + 1 })]);
    expect(await stored()).toEqual([UNKNOWN]);
  });

  test("leave the event's other fields as they were", async () => {
    await store([sampleLiquidation(1)]);
    const before = await stack.query("select * from liquidation_events");
    await tell([impactOf(sampleLiquidation(1))]);
    expect(await stack.query("select * from liquidation_events")).toEqual([{ ...before[0], ...TOLD }]);
  });

  test("that are known are not lost to ones that are not", async () => {
    await store([sampleLiquidation(1)]);
    await tell([impactOf(sampleLiquidation(1))]);
    await tell([impactOf(sampleLiquidation(1), { impact_1s_bps: null, impact_60s_bps: 0 })]);
    expect(await stored()).toEqual([{ ...TOLD, impact_60s_bps: 0 }]);
  });

  test("go ten times as many a request as events", async () => {
    const rows = sampleLiquidations(25);
    await store(rows);
    const before = stack.requests();
    await tell(
      rows.map((row) => impactOf(row)),
      { LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: "1" },
    );
    expect(stack.requests() - before).toBe(3);
    expect(await stored()).toEqual(rows.map(() => TOLD));
  });

  test("reach events of any month", async () => {
    const old = sampleLiquidation(1, { event_time: Date.UTC(2021, 4, 19), received_time: Date.UTC(2021, 4, 19) });
    await store([old, sampleLiquidation(2)]);
    await tell([impactOf(old), impactOf(sampleLiquidation(2))]);
    expect(await stored()).toEqual([TOLD, TOLD]);
  });
});

describe("what goes wrong", () => {
  const impacts = [impactOf(sampleLiquidation(1))];

  test("a lost answer is an error, and telling again is safe", async () => {
    await store([sampleLiquidation(1)]);
    stack.fail({ kind: "lose-answer" });
    await expect(tell(impacts)).rejects.toMatchObject({ name: "SupabaseError", kind: "down" });
    stack.fail(null);
    await tell(impacts);
    expect(await stored()).toEqual([TOLD]);
  });

  test("an outage is an error", async () => {
    await stack.pause();
    await expect(tell(impacts)).rejects.toThrow(/does not respond/);
    await stack.resume();
    await expect(tell(impacts)).resolves.toBeUndefined();
  });

  test("a missing migration is named", async () => {
    await stack.query("alter function liquidation_set_impacts(jsonb) rename to set_impacts_gone");
    await stack.reloadSchema();
    const telling = expect(tell(impacts)).rejects;
    await telling.toMatchObject({ kind: "schema", message: expect.stringContaining("0008_impacts.sql") });
    await stack.query("alter function set_impacts_gone(jsonb) rename to liquidation_set_impacts");
    await stack.reloadSchema();
  });

  test("the public key is refused", async () => {
    await expect(tell(impacts, { SUPABASE_SECRET_KEY: stack.publishableKey })).rejects.toMatchObject({ kind: "key" });
  });
});
