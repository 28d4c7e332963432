import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { saveCascades } from "../../../workers/d1/cascade-writes.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";

test("a cascade that D1 refuses is named with the reason, and the others are stored", async () => {
  const records = ["a", "b", "c", "d", "e"].map((id) => sampleCascade(0, { cascade_id: id, usd: id === "c" ? Infinity : 1_000_000 }));
  const refused = await saveCascades(env.DB, records, 0);
  expect(refused).toMatchObject([{ record: { cascade_id: "c" }, reason: expect.stringContaining("usd") }]);
  const { results } = await env.DB.prepare("SELECT cascade_id FROM cascades ORDER BY cascade_id").all();
  expect(results).toEqual(["a", "b", "d", "e"].map((cascade_id) => ({ cascade_id })));
});
