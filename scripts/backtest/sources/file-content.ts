import type { SymbolMark } from "../../../src/backtest/mark-book.ts";
import type { ReplayedEvent } from "../../../src/backtest/replayed-event.ts";
import { GAP_REASONS, type Gap } from "../../../src/gap.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { readMinuteMarks } from "../../../src/parquet/decode.ts";
import { columnNames, parseFooter } from "../../../src/parquet/parquet-footer.ts";
import type { CoveredPart } from "./coverage.ts";
import type { FileFormat } from "./file-names.ts";
import { type Filters, coverageInMetadata, manifestIn } from "./manifests.ts";
import { areMarkColumns, marksIn } from "./marks.ts";
import { readParquetEvents } from "./read-parquet.ts";
import { type TextRecord, csvHeader, jsonRecords, parsedJson, textOf, textRecords } from "./read-text.ts";
import { OPTIONAL_COLUMNS, REQUIRED_COLUMNS, replayedEvent } from "./replayed-record.ts";

/** What a file turned out to hold. */
export type FileContent =
  | {
      readonly kind: "liquidations";
      readonly events: readonly ReplayedEvent[];
      /** What the file itself says it covers; null where it does not say. */
      readonly coverage: CoveredPart | null;
      /** The gaps in the metadata of a batch; null where the file says nothing of gaps. */
      readonly gaps: readonly Gap[] | null;
      readonly filters: Filters;
      readonly lacking: readonly string[];
    }
  | { readonly kind: "marks"; readonly marks: readonly SymbolMark[] }
  | { readonly kind: "manifest"; readonly value: unknown }
  | { readonly kind: "unknown"; readonly reason: string };

const UNFILTERED: Filters = { side: null, minUsd: null };
const ALLOWED = `allowed are liquidations (columns ${REQUIRED_COLUMNS.join(", ")}), minute marks and manifests`;

/** Whether the rows of a base asset are wanted. */
type Wanted = (symbol: string) => boolean;

/** @throws {Error} where the file is broken, or holds liquidations with a row that is none */
export function readContent(bytes: Uint8Array, { format, isGzip }: FileFormat, name: string, wanted: Wanted): FileContent {
  if (format === "parquet") return parquetContent(bytes, name, wanted);
  const text = textOf(bytes, isGzip);
  if (format === "csv") {
    const kind = kindOf(new Set(csvHeader(text)));
    return kind === "unknown" ? unknown() : recordsContent(textRecords(text, format), new Set(csvHeader(text)), wanted);
  }
  if (format === "ndjson") return recordsContent(textRecords(text, format), null, wanted);
  return jsonContent(parsedJson(text, "the file"), name, wanted);
}

function jsonContent(value: unknown, name: string, wanted: Wanted): FileContent {
  if (Array.isArray(value)) return recordsContent(jsonRecords(value), null, wanted);
  // A page of GET /v1/liquidations.
  const data = typeof value === "object" && value !== null && "data" in value ? value.data : null;
  if (Array.isArray(data)) return recordsContent(jsonRecords(data), null, wanted);
  return manifestIn(value, name) === null ? unknown() : { kind: "manifest", value };
}

/** @param columns of CSV; null for JSON, where each record has its own */
function recordsContent(records: readonly TextRecord[], columns: ReadonlySet<string> | null, wanted: Wanted): FileContent {
  const [first] = records;
  const names = columns ?? new Set(Object.keys(first?.record ?? {}));
  const kind = columns === null && first === undefined ? "liquidations" : kindOf(names);
  if (kind === "unknown") return unknown();
  if (kind === "marks") return { kind, marks: marksIn(records) };
  if (columns !== null || first !== undefined) requireColumns(names);
  const events = records.map(({ place, record }) => {
    try {
      return replayedEvent(record);
    } catch (error) {
      throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  });
  const lacking = first === undefined ? [] : OPTIONAL_COLUMNS.filter((name) => !names.has(name));
  return { kind, events: events.filter(({ symbol }) => wanted(symbol)), coverage: null, gaps: null, filters: UNFILTERED, lacking };
}

function parquetContent(bytes: Uint8Array, name: string, wanted: Wanted): FileContent {
  const names = new Set(columnNames(parseFooter(bytes)));
  const kind = kindOf(names);
  if (kind === "unknown") return unknown();
  if (kind === "marks") return { kind, marks: readMinuteMarks(bytes) };
  requireColumns(names);
  const { events, metadata, lacking } = readParquetEvents(bytes, wanted);
  const own = coverageInMetadata(metadata, name);
  const gaps = own === null ? gapsIn(metadata) : null;
  return { kind, events, coverage: own?.part ?? null, gaps, filters: own?.filters ?? UNFILTERED, lacking };
}

/** A file is what its columns say; one with some of a liquidation's columns is a broken file of liquidations. */
function kindOf(names: ReadonlySet<string>): "liquidations" | "marks" | "unknown" {
  if (names.has("event_id") || names.has("event_time")) return "liquidations";
  return areMarkColumns(names) ? "marks" : "unknown";
}

function requireColumns(names: ReadonlySet<string>): void {
  const missing = REQUIRED_COLUMNS.filter((name) => !names.has(name));
  if (missing.length > 0) throw new Error(`the columns ${missing.join(", ")} are missing; export at least ${REQUIRED_COLUMNS.join(", ")}`);
}

function unknown(): FileContent {
  return { kind: "unknown", reason: ALLOWED };
}

/** The gaps in the metadata of a batch. */
function gapsIn(metadata: Readonly<Record<string, unknown>> | null): readonly Gap[] | null {
  const gaps = metadata?.["gaps"];
  if (gaps === undefined) return null;
  if (Array.isArray(gaps) && gaps.every(isGap)) return gaps;
  throw new Error("the gaps in the metadata of the file are broken");
}

function isGap(value: unknown): value is Gap {
  if (typeof value !== "object" || value === null) return false;
  const { exchange, from_time: from, to_time: to, reason } = value as Partial<Record<keyof Gap, unknown>>;
  const isEnd = to === null || typeof to === "number";
  return EXCHANGES.some((name) => name === exchange) && typeof from === "number" && isEnd && GAP_REASONS.some((name) => name === reason);
}
