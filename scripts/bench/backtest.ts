import { mkdtempSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utcDate } from "../../src/batch-object.ts";
import { dailyFileKey } from "../../src/daily/daily-keys.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { runBacktest } from "../backtest/run-backtest.ts";
import { readOptions } from "../backtest/options.ts";
import { loadParquet } from "../parquet-module.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const EVENTS = 200_000;
/** What either run should take, by the clock. */
const MAX_SECONDS = 10;

/** A backtest from daily files to the scoreboard: 200,000 events of a day, and as many spread over ten. */
export async function benchBacktest(print: (line: string) => void): Promise<void> {
  for (const factor of [1, 10]) {
    const folder = mkdtempSync(join(tmpdir(), "backtest-bench-"));
    try {
      const range = writeDays(folder, factor);
      const options = readOptions(["--from", String(range.start), "--to", String(range.end), "--data", folder, "--marks", "events"]);
      if (options === null) return;
      const start = performance.now();
      const cpuStart = process.cpuUsage();
      const { lines } = await runBacktest(options);
      const seconds = (performance.now() - start) / 1000;
      const cpu = process.cpuUsage(cpuStart);
      const cpuSeconds = ((cpu.user + cpu.system) / 1e6).toFixed(1);
      const decisions = lines.find((line) => line.startsWith("Decisions:"));
      const days = ((range.end - range.start) / DAY_MS).toFixed(1);
      print(
        `backtest: ${EVENTS.toLocaleString("en-US")} events of ${days} days in ${seconds.toFixed(1)} s (${cpuSeconds} s of CPU), aim ${MAX_SECONDS} s${seconds > MAX_SECONDS ? " (missed)" : ""}. ${decisions ?? "No decision."}`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** Daily files of sample events whose times are stretched by a factor. */
function writeDays(folder: string, factor: number): TimeRange {
  loadParquet();
  const rows = sampleLiquidations(EVENTS);
  const start = floorTo(rows[0]?.event_time ?? 0, DAY_MS);
  const stretched = rows.map((row): Liquidation => {
    const event_time = start + factor * (row.event_time - start);
    return { ...row, event_time, received_time: event_time + row.received_time - row.event_time };
  });
  mkdirSync(join(folder, "daily"));
  for (const [date, events] of Map.groupBy(stretched, (row) => utcDate(row.event_time))) {
    const bytes = encodeLiquidations(events, { metadata: { gaps: [] } });
    writeFileSync(join(folder, dailyFileKey(date)), bytes);
  }
  return { start, end: stretched.reduce((most, { event_time: time }) => Math.max(most, time), start) };
}
