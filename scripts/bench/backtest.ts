import { mkdtempSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { utcDate } from "../../src/batch-object.ts";
import { dailyFileKey } from "../../src/daily/daily-keys.ts";
import { markFileKey } from "../../src/daily/mark-keys.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations, encodeMinuteMarks } from "../../src/parquet/encode.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { runBacktest } from "../backtest/run-backtest.ts";
import { readOptions } from "../backtest/options.ts";
import { loadParquet } from "../parquet-module.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";
import { sampleMinuteMarks } from "./sample-minute-marks.ts";

const EVENTS = 200_000;
/** What each run should take, by the clock. */
const MAX_SECONDS = 10;

interface BacktestCase {
  readonly name: string;
  /** How far the times of the sample, which are of one day, are stretched. */
  readonly factor: number;
  /** Whether the data has minute marks, as by default; otherwise liquidations carry the mark prices. */
  readonly hasMarks: boolean;
}

const CASES: readonly BacktestCase[] = [
  { name: "minute marks", factor: 1, hasMarks: true },
  { name: "minute marks", factor: 10, hasMarks: true },
  { name: "--marks events", factor: 1, hasMarks: false },
  { name: "--marks events", factor: 10, hasMarks: false },
];

/** A backtest from daily files to the scoreboard: 200,000 events of a day, and as many spread over ten. */
export async function benchBacktest(print: (line: string) => void): Promise<void> {
  loadParquet();
  for (const one of CASES) {
    const folder = mkdtempSync(join(tmpdir(), "backtest-bench-"));
    try {
      await runCase(one, folder, print);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

async function runCase({ name, factor, hasMarks }: BacktestCase, folder: string, print: (line: string) => void): Promise<void> {
  const range = writeDays(folder, factor, hasMarks);
  const marks = hasMarks ? [] : ["--marks", "events"];
  const options = readOptions(["--from", String(range.start), "--to", String(range.end), "--data", folder, ...marks]);
  if (options === null) return;
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const { lines } = await runBacktest(options);
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuStart);
  const cpuSeconds = ((cpu.user + cpu.system) / 1e6).toFixed(1);
  const decisions = lines.find((line) => line.startsWith("Decisions:")) ?? "No decision.";
  const days = ((range.end - range.start) / DAY_MS).toFixed(1);
  const missed = seconds > MAX_SECONDS ? " (missed)" : "";
  print(
    `backtest, ${name}: ${EVENTS.toLocaleString("en-US")} events of ${days} days in ${seconds.toFixed(1)} s (${cpuSeconds} s of CPU, load ${loadavg()[0]?.toFixed(1)}), aim ${MAX_SECONDS} s${missed}. ${decisions}`,
  );
}

/** Daily files of sample events whose times are stretched by a factor, and of minute marks until a day after them. */
function writeDays(folder: string, factor: number, hasMarks: boolean): TimeRange {
  const rows = sampleLiquidations(EVENTS);
  const start = floorTo(rows[0]?.event_time ?? 0, DAY_MS);
  const stretched = rows.map((row): Liquidation => {
    const event_time = start + factor * (row.event_time - start);
    return { ...row, event_time, received_time: event_time + row.received_time - row.event_time };
  });
  const end = stretched.reduce((most, { event_time: time }) => Math.max(most, time), start);
  for (const [date, events] of Map.groupBy(stretched, (row) => utcDate(row.event_time))) {
    write(folder, dailyFileKey(date), encodeLiquidations(events, { metadata: { gaps: [] } }));
  }
  const marks = hasMarks ? sampleMinuteMarks(stretched, { start, end: end + DAY_MS }) : [];
  for (const [date, own] of Map.groupBy(marks, ({ minute }) => utcDate(minute))) {
    write(folder, markFileKey(date), encodeMinuteMarks(own, { metadata: {} }));
  }
  return { start, end };
}

function write(folder: string, key: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, key)), { recursive: true });
  writeFileSync(join(folder, key), bytes);
}
