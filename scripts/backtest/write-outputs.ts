import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENTRY_DELAYS_S } from "../../src/backtest/entry-delays.ts";
import type { Trade } from "../../src/backtest/trade.ts";
import { csvValue } from "../../src/exports/csv.ts";
import type { BacktestResult } from "./run-backtest.ts";

/** Writes report.txt, report.json, trades.csv, trades.json and equity.svg into a folder, over what is there. */
export function writeOutputs(folder: string, { lines, report, trades, picture }: BacktestResult): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("report.txt", `${lines.join("\n")}\n`);
  write("report.json", `${JSON.stringify(report, null, 2)}\n`);
  write("trades.csv", tradesCsv(trades));
  write("trades.json", `[\n${trades.map((trade) => JSON.stringify(flat(trade))).join(",\n")}\n]\n`);
  write("equity.svg", picture);
}

type FlatTrade = Readonly<Record<string, string | number | null>>;

/** A delay has a column of its own. */
function flat({ delayed_gross_bps: delayed, ...trade }: Trade): FlatTrade {
  const delays = ENTRY_DELAYS_S.map((seconds, index) => [`gross_after_${seconds}s_bps`, delayed[index] ?? null] as const);
  return { ...trade, ...Object.fromEntries(delays) };
}

/** Times are milliseconds since 1970 UTC; null is empty. */
function tradesCsv(trades: readonly Trade[]): string {
  const rows = trades.map(flat);
  const columns = Object.keys(rows[0] ?? {});
  return [columns.join(","), ...rows.map((row) => columns.map((name) => csvValue(row[name] ?? null)).join(","))]
    .map((row) => `${row}\r\n`)
    .join("");
}
