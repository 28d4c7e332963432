import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { saveCascades } from "../../../workers/d1/cascade-writes.ts";
import { withRowMeter } from "../../../workers/d1/row-meter.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";

test("a cascade that D1 refuses is named with the reason, and the others are stored", async () => {
  const records = ["a", "b", "c", "d", "e"].map((id) => sampleCascade(0, { cascade_id: id, usd: id === "c" ? Infinity : 1_000_000 }));
  const refused = await saveCascades(env.DB, records, 0);
  expect(refused).toMatchObject([{ record: { cascade_id: "c" }, reason: expect.stringContaining("usd") }]);
  const { results } = await env.DB.prepare("SELECT cascade_id FROM cascades ORDER BY cascade_id").all();
  expect(results).toEqual(["a", "b", "d", "e"].map((cascade_id) => ({ cascade_id })));
});

test("a cascade that goes on writes its row and the entry of its USD, and a start that moves is stored", async () => {
  const { env: metered, meter } = withRowMeter(env);
  await saveCascades(metered.DB, [sampleCascade(0, { cascade_id: "f", start_time: 5_000 })], 0);
  const { rows_written: first } = meter.counts;
  await saveCascades(metered.DB, [sampleCascade(0, { cascade_id: "f", start_time: 5_000, usd: 2_000_000 })], 1);
  expect(meter.counts.rows_written - first).toBeLessThan(first);
  await saveCascades(metered.DB, [sampleCascade(0, { cascade_id: "f", start_time: 4_000, usd: 3_000_000 })], 2);
  const stored = await env.DB.prepare("SELECT start_time, usd, updated_time FROM cascades WHERE cascade_id = 'f'").first();
  expect(stored).toEqual({ start_time: 4_000, usd: 3_000_000, updated_time: 2 });
});
