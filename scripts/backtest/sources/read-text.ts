import { gunzipSync } from "node:zlib";
import { messageOf } from "../../../src/message-of.ts";

export const TEXT_FORMATS = ["csv", "json", "ndjson"] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

/** A record, and its place for messages, such as `line 7`. */
export interface TextRecord {
  readonly place: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** JavaScript holds no longer text. */
const MAX_BYTES = 500_000_000;

/** @throws {Error} where gzip is cut off or broken, or the text is too long */
export function textOf(bytes: Uint8Array, isGzip: boolean): string {
  let plain = bytes;
  try {
    if (isGzip) plain = gunzipSync(bytes);
  } catch (error) {
    throw new Error(`is not a whole gzip file (${messageOf(error)}); download it again`, { cause: error });
  }
  if (plain.length > MAX_BYTES)
    throw new Error(`has ${plain.length} bytes of text; allowed: at most ${MAX_BYTES}. Export the range as Parquet, or in parts`);
  return new TextDecoder("utf-8", { ignoreBOM: false }).decode(plain);
}

/**
 * The records of CSV with a header row, of a JSON array, or of one JSON object a line.
 * @throws {Error} naming the line that is no record
 */
export function textRecords(text: string, format: TextFormat): readonly TextRecord[] {
  return format === "csv" ? csvRecords(text) : format === "ndjson" ? jsonLines(text) : jsonRecords(parsedJson(text, "the file"));
}

/** The records of a parsed JSON array. */
export function jsonRecords(value: unknown): readonly TextRecord[] {
  if (!Array.isArray(value)) throw new Error("is not a JSON array of records");
  return value.map((record: unknown, index) => ({ place: `record ${index + 1}`, record: asRecord(record, `record ${index + 1}`) }));
}

export function parsedJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${what} is not valid JSON: ${messageOf(error)}`, { cause: error });
  }
}

function jsonLines(text: string): readonly TextRecord[] {
  return text.split("\n").flatMap((line, index) => {
    const place = `line ${index + 1}`;
    return line.trim() === "" ? [] : [{ place, record: asRecord(parsedJson(line, place), place) }];
  });
}

function asRecord(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new Error(`${place} is not a JSON object`);
}

/** A text that a spreadsheet would run as a formula was written with an apostrophe in front. */
const GUARDED = /^'[=+\-@\t\r\n＝＋－＠]/;

/** The names in the header row. */
export function csvHeader(text: string): readonly string[] {
  const end = text.indexOf("\n");
  return (csvRows(end === -1 ? text : text.slice(0, end))[0]?.cells ?? []).map((name) => name.trim());
}

function csvRecords(text: string): readonly TextRecord[] {
  const rows = csvRows(text);
  const [header] = rows;
  if (header === undefined) throw new Error("is empty; allowed: a header row and a row per record");
  return rows.slice(1).map(({ line, cells }) => {
    if (cells.length !== header.cells.length)
      throw new Error(`line ${line} has ${cells.length} cells, the header ${header.cells.length}: the file is cut off or broken`);
    const record = Object.fromEntries(header.cells.map((name, index) => [name.trim(), cells[index] ?? ""]));
    return { place: `line ${line}`, record };
  });
}

interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rows of RFC 4180; empty lines are left out. */
function csvRows(text: string): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    let end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    let raw = text.slice(at, end);
    const first = line;
    line += 1;
    // A quoted cell may hold line breaks: the row goes on until its quotes are closed.
    while (quotes(raw) % 2 === 1) {
      if (end >= text.length) throw new Error(`line ${first} has a quote that is never closed: the file is cut off or broken`);
      const next = text.indexOf("\n", end + 1);
      end = next === -1 ? text.length : next;
      raw = text.slice(at, end);
      line += 1;
    }
    at = end + 1;
    if (raw.endsWith("\r")) raw = raw.slice(0, -1);
    if (raw !== "") rows.push({ line: first, cells: raw.includes('"') ? quotedCells(raw, first) : raw.split(",").map(unguarded) });
  }
  return rows;
}

function quotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/gy;

function quotedCells(raw: string, line: number): readonly string[] {
  const cells: string[] = [];
  CELL.lastIndex = 0;
  for (;;) {
    const match = CELL.exec(raw);
    if (match === null) throw new Error(`line ${line} is not CSV: text beside a quoted cell`);
    cells.push(unguarded(match[1]?.replaceAll('""', '"') ?? match[2] ?? ""));
    if (match[3] === "") return cells;
  }
}

function unguarded(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}
