import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { utcDate } from "../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../src/daily/daily-keys.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { MINUTE_MARK_COLUMNS } from "../../src/minute-mark-fields.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { marketMinuteMarks } from "./market-minute-marks.ts";
import type { SimulatedMarket } from "./simulate-market.ts";

/** Writes daily files, `marks.csv` and `planted.jsonl` into a folder, as `npm run backtest` reads them. */
export function writeMarket(folder: string, market: SimulatedMarket, rows: readonly Liquidation[]): void {
  mkdirSync(join(folder, "daily"), { recursive: true });
  for (let day = floorTo(market.startTime, DAY_MS); day < market.endTime; day += DAY_MS) {
    const date = utcDate(day);
    const own = rows.filter(({ event_time: time }) => time >= day && time < day + DAY_MS).toSorted((a, b) => a.event_time - b.event_time);
    writeFileSync(join(folder, dailyFileKey(date)), encodeLiquidations(own, { metadata: { simulated: true, gaps: [] } }));
    writeFileSync(join(folder, dailyManifestKey(date)), `${JSON.stringify({ date, simulated: true, rows: own.length, gaps: [] })}\n`);
  }
  const marks = marketMinuteMarks(market).map((mark) => MINUTE_MARK_COLUMNS.map((name) => markCell(mark, name)).join(","));
  writeFileSync(join(folder, "marks.csv"), `${[MINUTE_MARK_COLUMNS.join(","), ...marks].join("\n")}\n`);
  writeFileSync(join(folder, "planted.jsonl"), market.planted.map((episode) => `${JSON.stringify(episode)}\n`).join(""));
}

const DIGITS: Partial<Record<keyof MinuteMark, number>> = { open: 2, high: 2, low: 2, close: 2, spread_bps: 4, volume_usd: 0 };

function markCell(mark: MinuteMark, name: keyof MinuteMark): string {
  const [value, digits] = [mark[name], DIGITS[name]];
  return typeof value === "number" && digits !== undefined ? value.toFixed(digits) : String(value ?? "");
}
