import { utcDate } from "../../src/batch-object.ts";
import { CONTAGION_DAYS, type Withheld } from "../../src/contagion/contagion.ts";
import type { ContagionWindow } from "../../src/contagion/fit-contagion.ts";
import type { DailyManifest } from "../../src/daily/manifest.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import { type RowsByPlace, readSomeFields } from "../../src/parquet/decode.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { PublishedRows, UntrustedDailyFileError, trustedManifest } from "../daily/published-file.ts";
import { loadParquet } from "../r2/parquet-module.ts";

const NAMES = ["exchange", "symbol", "event_time", "coverage"] as const;
const FIELDS = LIQUIDATION_FIELDS.filter(({ name }) => NAMES.some((one) => one === name));
type EventTime = Pick<Liquidation, (typeof NAMES)[number]>;

/** Inferred events, which no venue reported, are left out. */
const INFERRED = "inferred";

/** The events of the days before `end`, or why they do not make a window. */
export async function storedWindow(bucket: R2Bucket, end: number): Promise<ContagionWindow | Withheld> {
  const start = end - CONTAGION_DAYS * DAY_MS;
  const manifests: { readonly day: number; readonly manifest: DailyManifest }[] = [];
  const missing: string[] = [];
  for (let day = start; day < end; day += DAY_MS) {
    const manifest = await trustedManifest(bucket, utcDate(day)).catch(missingIfUntrusted);
    // Where the list of gaps is cut off, nobody knows what else was missing.
    if (manifest === null || manifest.gaps_truncated) missing.push(utcDate(day));
    else manifests.push({ day, manifest });
  }
  if (missing.length > 0) {
    const detail = `${missing.length} of ${CONTAGION_DAYS} days have no complete daily file with all its gaps: ${missing.join(", ")}`;
    return { reason: "days_missing", detail };
  }
  loadParquet();
  const days = new Map<ExchangeName, Set<number>>();
  const times = new Map<string, Map<ExchangeName, number[]>>();
  for (const { day, manifest } of manifests) {
    const file = await PublishedRows.open(bucket, manifest, readEventTimes);
    for (const { exchange, symbol, event_time: time, coverage } of (await file.read(day, day + DAY_MS)).flat()) {
      if (coverage === INFERRED || time < day || time >= day + DAY_MS) continue;
      entry(days, exchange, () => new Set<number>()).add(day);
      const venues = entry(times, symbol, () => new Map<ExchangeName, number[]>());
      entry(venues, exchange, (): number[] => []).push(time);
    }
  }
  return { start, end, gaps: manifests.flatMap(({ manifest }) => manifest.gaps), days, times };
}

/** A file that does not match its manifest is no file. */
function missingIfUntrusted(error: unknown): null {
  if (error instanceof UntrustedDailyFileError) return null;
  throw error;
}

function readEventTimes(bytes: Uint8Array, part: RowsByPlace | null = null): readonly EventTime[] {
  return readSomeFields(FIELDS, bytes, part) as readonly EventTime[];
}

function entry<K, V>(map: Map<K, V>, key: K, empty: () => V): V {
  const known = map.get(key) ?? empty();
  map.set(key, known);
  return known;
}
