import { METADATA_KEY } from "./encode.ts";
import { UnreadableFileError } from "./decode.ts";
import { I64, readThrift, type ThriftField, type ThriftList, type ThriftStruct, type ThriftValue, writeThrift } from "./thrift-compact.ts";

/**
 * Joins row groups that were written as separate files into one file: their bytes one after the other, and a footer
 * with their new places. So a file of a million rows is written group by group, in separate runs, and one group can be
 * read without the others. Field numbers are those of
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */

const MAGIC = new TextEncoder().encode("PAR1");
/** The trailer of a file: the length of the footer and the magic. */
export const TRAILER_BYTES = 8;

const FILE = { schema: 2, rows: 3, rowGroups: 4, metadata: 5, columnOrders: 7 } as const;
const SCHEMA = { name: 4, children: 5 } as const;
const GROUP = { columns: 1, bytes: 2, rows: 3, fileOffset: 5, compressedBytes: 6, ordinal: 7 } as const;
const CHUNK = { fileOffset: 2, metadata: 3, pageIndex: [4, 5, 6, 7] } as const;
const COLUMN = { compressedBytes: 7, dataPage: 9, indexPage: 10, dictionaryPage: 11 } as const;
const PAIR = { key: 1, value: 2 } as const;

const text = new TextDecoder();

export interface ParquetFooter {
  readonly rows: number;
  /** Number of rows of each row group. */
  readonly groups: readonly number[];
  readonly root: ThriftStruct;
}

export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The length of the footer, from the last bytes of a file.
 * @throws {UnreadableFileError} where they are not those of a Parquet file
 */
export function footerBytes(trailer: Uint8Array): number {
  const end = trailer.subarray(-TRAILER_BYTES);
  if (end.length < TRAILER_BYTES || text.decode(end.subarray(4)) !== "PAR1") throw new UnreadableFileError("the file does not end in PAR1");
  return new DataView(end.buffer, end.byteOffset).getUint32(0, true);
}

/** `end` holds the last bytes of a file, at least the whole footer and the trailer. */
export function parseFooter(end: Uint8Array): ParquetFooter {
  const length = footerBytes(end);
  if (length + TRAILER_BYTES > end.length) throw new UnreadableFileError("the file is shorter than its footer");
  const root = readThrift(end.subarray(end.length - TRAILER_BYTES - length, end.length - TRAILER_BYTES));
  return { rows: number(root, FILE.rows), groups: structs(root, FILE.rowGroups).map((group) => number(group, GROUP.rows)), root };
}

/** The names of the columns of a flat file. */
export function columnNames({ root }: ParquetFooter): readonly string[] {
  const [, ...leaves] = structs(root, FILE.schema);
  return leaves.map((leaf) => text.decode(asBytes(leaf.get(SCHEMA.name)?.value)));
}

/**
 * The metadata object of a file of ours, whatever its fields; null where the file has none.
 * @throws {UnreadableFileError} where it is not a JSON object
 */
export function fileMetadata({ root }: ParquetFooter): Readonly<Record<string, unknown>> | null {
  for (const pair of structs(root, FILE.metadata)) {
    if (text.decode(asBytes(pair.get(PAIR.key)?.value)) === METADATA_KEY)
      return jsonObject(text.decode(asBytes(pair.get(PAIR.value)?.value)));
  }
  return null;
}

function jsonObject(json: string): Readonly<Record<string, unknown>> {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // Reported below, as anything else that is no object.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new UnreadableFileError(`the metadata ${METADATA_KEY} of the file is not a JSON object`);
}

/** One row group of a file. */
export interface GroupOf {
  readonly footer: ParquetFooter;
  readonly group: number;
}

export interface JoinedFile {
  readonly rows: number;
  /** The place of each group's bytes in its source file; in the joined file they follow `head` in this order. */
  readonly ranges: readonly ByteRange[];
  readonly head: Uint8Array;
  /** The bytes after the groups. */
  readonly tail: Uint8Array;
  readonly bytes: number;
}

/**
 * Joins groups into one file. Page indexes are dropped, as these files do not need them. `metadata` replaces that of the
 * first file.
 * @throws {RangeError} where the groups have different columns: code of another schema version wrote some of them
 */
export function joinGroups(groups: readonly GroupOf[], metadata: Readonly<Record<string, unknown>>): JoinedFile {
  const [first] = groups;
  if (first === undefined) throw new RangeError("a Parquet file needs at least one row group");
  const columns = columnNames(first.footer).join(" ");
  if (groups.some(({ footer }) => columnNames(footer).join(" ") !== columns)) throw new RangeError("the row groups have different columns");
  let at = MAGIC.length;
  let rows = 0;
  const ranges: ByteRange[] = [];
  const moved = groups.map(({ footer, group }, ordinal) => {
    const found = structs(footer.root, FILE.rowGroups)[group];
    if (found === undefined) throw new RangeError(`the file has no row group ${group}`);
    const range = groupRange(found);
    const result = moveGroup(found, at - range.from, ordinal);
    ranges.push(range);
    at += range.to - range.from;
    rows += number(found, GROUP.rows);
    return result;
  });
  const root = new Map(first.footer.root);
  root.set(FILE.rows, i64(rows));
  root.set(FILE.rowGroups, replaceItems(root.get(FILE.rowGroups), moved));
  root.set(FILE.metadata, replaceMetadata(root.get(FILE.metadata), metadata));
  const tail = withTrailer(writeThrift(root));
  return { rows, ranges, head: MAGIC, tail, bytes: at + tail.length };
}

/** The same rows with only the columns `[from, to)`. The metadata is dropped, as it may describe all columns. */
export function pickColumns({ root, rows }: ParquetFooter, from: number, to: number): JoinedFile {
  let at = MAGIC.length;
  const ranges: ByteRange[] = [];
  const groups = structs(root, FILE.rowGroups).map((group, ordinal) => {
    const columns = group.get(GROUP.columns);
    const some = new Map(group).set(GROUP.columns, replaceItems(columns, itemsOf(columns).slice(from, to)));
    const range = groupRange(some);
    const moved = moveGroup(some, at - range.from, ordinal);
    ranges.push(range);
    at += range.to - range.from;
    return moved;
  });
  const [top, ...leaves] = structs(root, FILE.schema);
  const children = top?.get(SCHEMA.children);
  if (top === undefined || children === undefined) throw new UnreadableFileError("the footer lacks a schema");
  const tree = new Map(top).set(SCHEMA.children, { type: children.type, value: BigInt(Math.min(to, leaves.length) - from) });
  const picked = new Map(root)
    .set(FILE.schema, replaceItems(root.get(FILE.schema), [tree, ...leaves.slice(from, to)]))
    .set(FILE.rowGroups, replaceItems(root.get(FILE.rowGroups), groups));
  picked.delete(FILE.metadata);
  // The column orders tell readers how minimum and maximum in the statistics compare; only they need them.
  picked.delete(FILE.columnOrders);
  const tail = withTrailer(writeThrift(picked));
  return { rows, ranges, head: MAGIC, tail, bytes: at + tail.length };
}

/**
 * Joins files with sets of columns into one file of a single row group, in the column order of `whole`, a file with all
 * columns.
 */
export function joinColumns(whole: ParquetFooter, files: readonly ParquetFooter[]): JoinedFile {
  let at = MAGIC.length;
  const ranges: ByteRange[] = [];
  const groups = files.map(({ root }) => {
    const [group] = structs(root, FILE.rowGroups);
    if (group === undefined) throw new RangeError("a column file has no row group");
    const range = groupRange(group);
    const moved = moveGroup(group, at - range.from, 0);
    ranges.push(range);
    at += range.to - range.from;
    return moved;
  });
  const [first] = groups;
  const rows = files[0]?.rows ?? 0;
  if (first === undefined || files.some((file) => file.rows !== rows)) throw new RangeError("the columns differ in their number of rows");
  const sum = (field: number): ThriftField => i64(groups.reduce((total, group) => total + number(group, field), 0));
  const columns = groups.flatMap((group) => itemsOf(group.get(GROUP.columns)));
  const group = new Map(first)
    .set(GROUP.columns, replaceItems(first.get(GROUP.columns), columns))
    .set(GROUP.bytes, sum(GROUP.bytes))
    .set(GROUP.compressedBytes, sum(GROUP.compressedBytes));
  const root = new Map(whole.root)
    .set(FILE.rows, i64(rows))
    .set(FILE.rowGroups, replaceItems(whole.root.get(FILE.rowGroups), [group]))
    .set(FILE.metadata, replaceMetadata(whole.root.get(FILE.metadata), {}));
  const tail = withTrailer(writeThrift(root));
  return { rows, ranges, head: MAGIC, tail, bytes: at + tail.length };
}

function groupRange(group: ThriftStruct): ByteRange {
  const extents = structs(group, GROUP.columns).map((chunk) => {
    const column = struct(chunk, CHUNK.metadata);
    const data = number(column, COLUMN.dataPage);
    const from = column.has(COLUMN.dictionaryPage) ? Math.min(data, number(column, COLUMN.dictionaryPage)) : data;
    return { from, to: from + number(column, COLUMN.compressedBytes) };
  });
  return { from: Math.min(...extents.map(({ from }) => from)), to: Math.max(...extents.map(({ to }) => to)) };
}

function moveGroup(group: ThriftStruct, by: number, ordinal: number): ThriftStruct {
  const moved = shifted(group, [GROUP.fileOffset], by);
  // The ordinal has 16 bits; further groups have none.
  const numbered = moved.get(GROUP.ordinal);
  if (numbered !== undefined) moved.set(GROUP.ordinal, { type: numbered.type, value: BigInt(ordinal) });
  const chunks = structs(group, GROUP.columns).map((chunk) => {
    const result = shifted(chunk, number(chunk, CHUNK.fileOffset) === 0 ? [] : [CHUNK.fileOffset], by);
    for (const field of CHUNK.pageIndex) result.delete(field);
    const column = shifted(struct(chunk, CHUNK.metadata), [COLUMN.dataPage, COLUMN.indexPage, COLUMN.dictionaryPage], by);
    return result.set(CHUNK.metadata, { type: result.get(CHUNK.metadata)?.type ?? 0, value: column });
  });
  return moved.set(GROUP.columns, replaceItems(group.get(GROUP.columns), chunks));
}

function shifted(from: ThriftStruct, fields: readonly number[], by: number): Map<number, ThriftField> {
  const result = new Map(from);
  for (const field of fields) if (from.has(field)) result.set(field, i64(number(from, field) + by));
  return result;
}

function replaceMetadata(pairs: ThriftField | undefined, metadata: Readonly<Record<string, unknown>>): ThriftField {
  const value = new TextEncoder().encode(JSON.stringify(metadata));
  const items = itemsOf(pairs).map((item) => {
    const pair = asStruct(item);
    const key = pair.get(PAIR.key);
    if (key === undefined || text.decode(asBytes(key.value)) !== METADATA_KEY) return pair;
    return new Map(pair).set(PAIR.value, { type: key.type, value });
  });
  return replaceItems(pairs, items);
}

function withTrailer(footer: Uint8Array): Uint8Array {
  const result = new Uint8Array(footer.length + TRAILER_BYTES);
  result.set(footer);
  new DataView(result.buffer).setUint32(footer.length, footer.length, true);
  result.set(MAGIC, footer.length + 4);
  return result;
}

function replaceItems(list: ThriftField | undefined, items: readonly ThriftValue[]): ThriftField {
  if (list === undefined) throw new UnreadableFileError("the footer lacks a list");
  return { type: list.type, value: { type: (list.value as ThriftList).type, items } };
}

function i64(value: number): ThriftField {
  return { type: I64, value: BigInt(value) };
}

function number(from: ThriftStruct, field: number): number {
  const value = from.get(field)?.value;
  if (typeof value !== "bigint") throw new UnreadableFileError(`the footer lacks number ${field}`);
  return Number(value);
}

function struct(from: ThriftStruct, field: number): ThriftStruct {
  return asStruct(from.get(field)?.value);
}

function structs(from: ThriftStruct, field: number): readonly ThriftStruct[] {
  return itemsOf(from.get(field)).map(asStruct);
}

function itemsOf(field: ThriftField | undefined): readonly ThriftValue[] {
  const value = field?.value;
  return typeof value === "object" && "items" in value ? value.items : [];
}

function asStruct(value: ThriftValue | undefined): ThriftStruct {
  if (value instanceof Map) return value;
  throw new UnreadableFileError("the footer lacks a structure");
}

function asBytes(value: ThriftValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new UnreadableFileError("the footer lacks a text");
}
