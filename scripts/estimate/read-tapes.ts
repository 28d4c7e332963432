import { readFile, readdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TapeRow, type VenueTape, venueTapes } from "../../src/estimates/tape.ts";
import { throttleOf } from "../../src/estimates/throttle.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import { flowUsd } from "../../src/flow-usd.ts";
import type { Gap } from "../../src/gap.ts";
import { messageOf } from "../../src/message-of.ts";
import { readLiquidations } from "../../src/parquet/decode.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { fileMetadata, parseFooter } from "../../src/parquet/parquet-footer.ts";
import { coverageInMetadata, manifestIn } from "../backtest/sources/manifests.ts";
import { Advice } from "../command-line.ts";
import { loadParquet } from "../parquet-module.ts";

const DAILY_FILE = /^liquidation_(\d{4})(\d{2})(\d{2})\.parquet$/;

export interface StoredTapes {
  readonly tapes: readonly VenueTape[];
  /** From the first day to the end of the last one. */
  readonly range: TimeRange;
  readonly days: number;
}

/**
 * The liquidations of the daily files of a folder, or of its folder `daily`, with the gaps that their manifests beside them name, or
 * else the files themselves.
 * @throws {Advice} where it has none, or one of them cannot be read
 */
export async function readTapes(folder: string, symbol: string | null): Promise<StoredTapes> {
  loadParquet();
  const { place, names } = await dailyFiles(folder);
  const rows: TapeRow[] = [];
  const gaps: Gap[] = [];
  for (const name of names) {
    try {
      const bytes = await readFile(join(place, name));
      // One by one: a call takes no more than some 100,000 arguments.
      for (const row of rowsOf(bytes, symbol)) rows.push(row);
      for (const gap of await gapsOfDay(join(place, name), bytes)) gaps.push(gap);
    } catch (error) {
      throw new Advice(`${name}: ${messageOf(error)}`, { cause: error });
    }
  }
  const days = names.map((name) => Date.parse(name.replace(DAILY_FILE, "$1-$2-$3")));
  const range = { start: days[0] ?? 0, end: (days.at(-1) ?? 0) + DAY_MS };
  return { tapes: venueTapes(rows, (exchange) => throttleOf(exchanges[exchange].coverage), gaps), range, days: days.length };
}

async function dailyFiles(folder: string): Promise<{ readonly place: string; readonly names: readonly string[] }> {
  for (const place of [folder, join(folder, "daily")]) {
    const names = existsSync(place) ? (await readdir(place)).filter((name) => DAILY_FILE.test(name)).toSorted() : [];
    if (names.length > 0) return { place, names };
  }
  throw new Advice(`${folder} has no daily file, such as liquidation_20261120.parquet`);
}

/** The manifest of a day may be newer than its file, and then names more gaps. */
async function gapsOfDay(file: string, bytes: Uint8Array): Promise<readonly Gap[]> {
  const manifest = file.replace(/parquet$/, "json");
  const part = existsSync(manifest)
    ? manifestIn(JSON.parse(await readFile(manifest, "utf8")), manifest)?.part
    : coverageInMetadata(fileMetadata(parseFooter(bytes)), file)?.part;
  return part?.gaps ?? [];
}

function rowsOf(bytes: Uint8Array, symbol: string | null): readonly TapeRow[] {
  return readLiquidations(bytes).flatMap((row): readonly TapeRow[] => {
    const usd = flowUsd(row);
    if (usd === null || row.coverage === "inferred" || (symbol !== null && row.symbol !== symbol)) return [];
    const { exchange, instrument: contract, position_side: side, event_time: time } = row;
    return [{ exchange, symbol: row.symbol, contract, side, time, usd }];
  });
}
