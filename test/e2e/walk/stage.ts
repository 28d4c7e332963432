import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { openStorage } from "../../../scripts/local-worker.ts";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { gzipLines, rawFileKey } from "../../../src/raw-frames/raw-files.ts";
import { storeBatches } from "../stored-batches.ts";
import type { Gap } from "../../../src/gap.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";

/** The day of the document's examples. */
export const EXAMPLE_DAY = Date.UTC(2026, 10, 20);

/** What the feeds would have brought in the days before: a closed day's batches, a raw file, a spike to decide on, a cascade. */
export async function setStage(stateDir: string, minute: number): Promise<void> {
  await storeBatches(stateDir, sampleLiquidations(500, 1, EXAMPLE_DAY));
  const { env, dispose } = await openStorage(stateDir);
  const firstReceivedTime = minute - 2 * 60 * MINUTE_MS;
  const received = { first_received_time: String(firstReceivedTime), last_received_time: String(firstReceivedTime) };
  const customMetadata = { exchange: "binance", frames: "1", sha256: "0".repeat(64), ...received };
  const rawKey = rawFileKey({ exchange: "binance", epoch: EXAMPLE_DAY, firstSequence: 1, firstReceivedTime });
  await env.BUCKET.put(rawKey, await gzipLines(["{}"]), { customMetadata });
  const totals = [
    [minute - 20 * MINUTE_MS, 100_000],
    [minute - 5 * MINUTE_MS, 400_000],
  ];
  const insertTotals = `
    INSERT INTO minute_totals (minute, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
    SELECT value ->> 0, 'BTC', 'bybit', 'long', 1, 0, 0, value ->> 1 FROM json_each(?1)`;
  const insertGaps = `
    INSERT INTO gaps (exchange, from_time, to_time, reason) SELECT value, 0, ?2, 'not_started' FROM json_each(?1)`;
  const columns = Object.keys(cascade(minute));
  const insertCascade = `
    INSERT INTO cascades (${columns.join(", ")}, updated_time)
    SELECT ${columns.map((name) => `value ->> '$.${name}'`).join(", ")}, ?2 FROM json_each(?1)`;
  await env.DB.batch([
    env.DB.prepare(insertTotals).bind(JSON.stringify(totals)),
    // As if the venues had been covered since yesterday: a window that was not covered is not compared with.
    env.DB.prepare(insertGaps).bind(JSON.stringify(EXCHANGES), minute - 24 * 60 * MINUTE_MS),
    env.DB.prepare(insertCascade).bind(JSON.stringify([cascade(minute)]), minute),
  ]);
  await dispose();
}

function cascade(minute: number): CascadeRecord {
  const gap: Gap = { exchange: "okx", from_time: minute - 9 * MINUTE_MS, to_time: null, reason: "silent" };
  const numbers = { events: 40, usd: 2_500_000, peak_usd_per_s: 61_300.5, start_mark: 84_120.4 };
  return sampleCascade(minute, { cascade_id: `BTC-long-${minute}`, ...numbers, gaps: [gap] });
}
