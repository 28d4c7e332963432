import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { readEstimateOptions } from "../../../scripts/estimate/options.ts";
import { readTapes } from "../../../scripts/estimate/read-tapes.ts";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { eventCount } from "../../../src/estimates/tape.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";

const gap = (from_time: number) => ({ exchange: "bybit", from_time, to_time: from_time + 1_000, reason: "disconnected" });

describe("npm run estimate", () => {
  test.each([
    [["fit"], "allowed: validate"],
    [["validate"], "either --data or --simulate is required"],
    [["validate", "--data", "x", "--simulate", "same"], "either --data or --simulate is required"],
    [["validate", "--simulate", "calm"], "allowed: same, faster-clusters"],
    [["validate", "--data", "x", "--fit", "bybit"], "--fit and --test come together"],
    [["validate", "--data", "x", "--fit", "binance", "--test", "gate"], "does not publish every liquidation; allowed: bybit"],
    [["validate", "--data", "x", "--fit", "gate", "--test", "gate"], "must be different venues"],
  ])("%j is refused with what is allowed", (args, message) => {
    expect(() => readEstimateOptions(args)).toThrow(message);
  });

  test("a folder without daily files is named", async () => {
    await expect(readTapes(import.meta.dirname, null)).rejects.toThrow("has no daily file, such as liquidation_20261120.parquet");
  });

  test("a folder of daily files is read with the gaps that their manifests name, or else the files themselves", async () => {
    loadParquet();
    const folder = mkdtempSync(join(tmpdir(), "daily-"));
    mkdirSync(join(folder, "daily"));
    const day = Date.parse("2026-11-20");
    for (const [index, isInFile] of [true, false].entries()) {
      const start = day + index * DAY_MS;
      const rows = sampleLiquidations(10).map((row, n) => ({ ...row, exchange: "bybit" as const, event_time: start + n }));
      const file = { start, end: start + DAY_MS, coverage: { bybit: "all_reported" }, gaps: [gap(start)], gaps_truncated: false };
      const date = utcDate(start);
      writeFileSync(join(folder, dailyFileKey(date)), encodeLiquidations(rows, { metadata: isInFile ? { ...file } : {} }));
      if (!isInFile) writeFileSync(join(folder, dailyManifestKey(date)), JSON.stringify({ date, gaps: [gap(start + 5_000)] }));
    }
    const { tapes, days, range } = await readTapes(folder, null);
    rmSync(folder, { recursive: true });
    expect([days, range]).toEqual([2, { start: day, end: day + 2 * DAY_MS }]);
    const [bybit] = tapes;
    if (bybit === undefined) throw new Error("no tape");
    expect([bybit.throttle, eventCount(bybit)]).toEqual(["complete", 20]);
    expect(bybit.gaps).toEqual([
      { start: day, end: day + 1_000 },
      { start: day + DAY_MS + 5_000, end: day + DAY_MS + 6_000 },
    ]);
  });
});
