import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { MINUTE_COLUMNS, minuteTotals } from "../../../scripts/demo/history/minute-totals.ts";
import { parseConfig } from "../../../src/config.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";

const at = (event_id: string, usd_value: number | null, notional_mark_usd: number | null, quantity: number) =>
  sampleLiquidation({ event_id, usd_value, notional_mark_usd, quantity });

test("the totals that the demo's history is given are those that the Worker makes of the same liquidations", async () => {
  const rows = [at("by mark", 1_010, 1_000, 2), at("larger as reported", 1_500, null, 3), at("of no value", null, null, 4)];
  rows.push({ ...at("of the other side", 700, 710, 1), position_side: "short" });
  await d1Sink.write(env, parseConfig({}), sampleBatch(rows));
  const { results } = await env.DB.prepare(`SELECT ${MINUTE_COLUMNS.join(", ")} FROM minute_totals ORDER BY position_side`).all();
  expect(minuteTotals(rows).toSorted((a, b) => a.position_side.localeCompare(b.position_side))).toEqual(results);
  expect(results).toMatchObject([{ usd: 2_500, max_usd: 1_500, events_without_usd: 1 }, { usd: 710 }]);
});
