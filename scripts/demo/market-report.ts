import type { RecordScore, Scoreboard } from "../../src/scoreboard/scoreboard.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { table } from "../table.ts";
import { askApi } from "./api-client.ts";

const SYMBOLS = ["BTC", "ETH", "SOL"];

interface Dataset {
  readonly date: string;
  readonly rows: number;
  readonly bytes: number;
}

/** What the API says of the windows that end now. */
export async function windowsReport(worker: string): Promise<string> {
  const windows = await Promise.all(SYMBOLS.map((symbol) => askApi<SymbolWindow>(worker, `/v1/stats?symbol=${symbol}&window=15m`, null)));
  const title = "Windows of 15 minutes (/v1/stats), ranked among those of the same hour";
  return `${title}\n${table(["symbol", "covered", "longs USD", "percentile", "shorts USD", "percentile"], windows.map(windowRow))}`;
}

/** What the API says of the past: the outcomes of decisions, and which days it has. */
export async function pastReport(worker: string): Promise<string> {
  const { records, registered_horizon: horizon } = await askApi<Scoreboard>(worker, "/v1/signals/scoreboard", null);
  const days = await askApi<readonly Dataset[]>(worker, "/v1/datasets", null);
  return [
    `The decisions on the simulated history, graded over ${horizon} (/v1/signals/scoreboard): how it looks, not what it is worth`,
    table(["record", "BUY and SELL graded", "hit rate", "95 % interval", "mean net, bps"], records.map(recordRow)),
    "Daily files (/v1/datasets)",
    table(
      ["date", "rows", "bytes"],
      days.map(({ date, rows, bytes }) => [date, whole(rows), whole(bytes)]),
    ),
  ].join("\n");
}

function windowRow({ symbol, uptime_share: share, sides: { long, short } }: SymbolWindow): string[] {
  return [symbol, `${(100 * share).toFixed(0)}%`, whole(long.usd), rank(long.percentile), whole(short.usd), rank(short.percentile)];
}

function recordRow({ analyst, model, prompt_version: prompt, score }: RecordScore): string[] {
  const { graded, hit_rate: hit, hit_rate_low: low, hit_rate_high: high, mean_net_return_bps: mean } = score;
  const interval = low === null || high === null ? "" : `${percent(low)} to ${percent(high)}`;
  const name = [model ?? analyst, prompt].filter((part) => part !== null).join(" ");
  return [name, String(graded), hit === null ? "too few" : percent(hit), interval, mean === null ? "" : mean.toFixed(1)];
}

function rank(percentile: number | null): string {
  return percentile === null ? "no history" : percentile.toFixed(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

function whole(value: number | null): string {
  return value === null ? "unknown" : Math.round(value).toLocaleString("en-US");
}
