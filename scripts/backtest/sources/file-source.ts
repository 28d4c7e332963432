import { createHash } from "node:crypto";
import type { SymbolMark } from "../../../src/backtest/mark-book.ts";
import type { StoredDay } from "../../../src/backtest/replay-days.ts";
import type { ReplayedEvent } from "../../../src/backtest/replayed-event.ts";
import { utcDate } from "../../../src/batch-object.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { messageOf } from "../../../src/message-of.ts";
import { DAY_MS, floorTo } from "../../../src/windows/calendar.ts";
import { type CoveredPart, gapsOfParts } from "./coverage.ts";
import { type FileContent, readContent } from "./file-content.ts";
import { type FileFormat, claimsLiquidations, namedFile } from "./file-names.ts";
import { type Filters, type Manifest, manifestIn } from "./manifests.ts";
import { type Input, InputError, type Source } from "./source.ts";

/** A file of a folder or an object of a bucket; its name is relative, with slashes. */
export interface Entry {
  readonly name: string;
  readonly read: () => Promise<Uint8Array>;
}

export interface FilesWanted {
  /** Base assets; null for all. */
  readonly symbols: ReadonlySet<string> | null;
  /** The venues whose time counts. */
  readonly venues: readonly ExchangeName[];
}

interface DayFile {
  readonly entry: Entry;
  readonly format: FileFormat;
}

/**
 * Liquidations, minute marks and manifests in files, by what they hold: daily files, batches and exports in any of their
 * formats, one beside the other. Files that are named after their date are read when it is their turn, the others, which
 * hold no more than an export of one file does, at once. Each file that a manifest lists has to be there and to have its
 * SHA-256.
 */
export class FileSource implements Source {
  readonly name: string;
  readonly #wanted: FilesWanted;
  readonly #days = new Map<string, DayFile[]>();
  readonly #markDays = new Map<string, DayFile[]>();
  readonly #events = new Map<number, ReplayedEvent[]>();
  readonly #marks = new Map<number, SymbolMark[]>();
  readonly #parts: CoveredPart[] = [];
  readonly #manifests: Manifest[] = [];
  /** The SHA-256 that manifests give for files, by name without folders. */
  readonly #listed = new Map<string, { readonly sha256: string; readonly by: string }>();
  readonly #inputs = new Map<string, Input>();
  readonly #notes = new Set<string>();
  readonly #unread: string[] = [];

  private constructor(name: string, wanted: FilesWanted) {
    this.name = name;
    this.#wanted = wanted;
  }

  /** @throws {InputError} where a file is broken, incomplete, or not what its manifest says */
  static async open(name: string, entries: readonly Entry[], wanted: FilesWanted): Promise<FileSource> {
    const source = new FileSource(name, wanted);
    const contents: { readonly entry: Entry; readonly content: FileContent }[] = [];
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const named = namedFile(entry.name);
      if (named.kind === "other") source.#unread.push(entry.name);
      else if (named.kind === "day") append(source.#days, named.date, { entry, format: named.format });
      else if (named.kind === "marks_day") append(source.#markDays, named.date, { entry, format: named.format });
      else contents.push({ entry, content: await source.#read(entry, named.format) });
    }
    // Manifests first: they say what the other files cover.
    const [manifests, others] = [
      contents.filter(({ content }) => content.kind === "manifest"),
      contents.filter(({ content }) => content.kind !== "manifest"),
    ];
    for (const { entry, content } of [...manifests, ...others]) source.#addContent(entry, content);
    source.#checkManifests(new Set(entries.map(({ name: path }) => baseName(path))));
    return source;
  }

  async readDay(day: number): Promise<StoredDay | null> {
    const range = { start: day, end: day + DAY_MS };
    const files = this.#days.get(utcDate(day)) ?? [];
    const read: { readonly events: readonly ReplayedEvent[]; readonly part: CoveredPart }[] = [];
    for (const file of files) read.push(await this.#readDayFile(file, day));
    const parts = [...this.#parts, ...read.map(({ part }) => part)].filter((part) => part.range.start < range.end && part.range.end > day);
    if (parts.length === 0) return null;
    this.#checkSymbols(parts, day);
    this.#noteUnknownGaps(parts, day);
    const events = [...(this.#events.get(day) ?? []), ...read.flatMap((one) => one.events)];
    return { events, gaps: gapsOfParts(parts, this.#wanted.venues, range) };
  }

  async readMarks(day: number): Promise<readonly SymbolMark[]> {
    const marks = [...(this.#marks.get(day) ?? [])];
    for (const { entry, format } of this.#markDays.get(utcDate(day)) ?? []) {
      const content = await this.#read(entry, format);
      const isWhole = content.kind === "marks" && content.marks.every(({ minute }) => minute >= day && minute < day + DAY_MS);
      if (!isWhole) throw new InputError(`${entry.name} has other rows than the minute marks of the date in its name; download it again`);
      marks.push(...content.marks);
    }
    return marks.filter(({ symbol }) => this.#wanted.symbols?.has(symbol) ?? true);
  }

  inputs(): readonly Input[] {
    return [...this.#inputs.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  notes(): readonly string[] {
    const shown = this.#unread.slice(0, 5).join(", ");
    const more = this.#unread.length > 5 ? ` and ${this.#unread.length - 5} more` : "";
    return this.#unread.length === 0
      ? [...this.#notes]
      : [...this.#notes, `Not read, neither liquidations nor marks nor a manifest: ${shown}${more}`];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #read(entry: Entry, format: FileFormat): Promise<FileContent> {
    const bytes = await entry.read();
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    this.#inputs.set(entry.name, { name: entry.name, bytes: bytes.length, sha256 });
    this.#checkHash(entry.name, sha256);
    try {
      return readContent(bytes, format, entry.name, (symbol) => this.#wanted.symbols?.has(symbol) ?? true);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`${entry.name}: ${messageOf(error)}`, { cause: error });
    }
  }

  #addContent({ name }: Entry, content: FileContent): void {
    switch (content.kind) {
      case "manifest":
        this.#addManifest(manifestIn(content.value, name), name);
        break;
      case "marks":
        for (const mark of content.marks) append(this.#marks, floorTo(mark.minute, DAY_MS), mark);
        break;
      case "liquidations": {
        for (const event of content.events) append(this.#events, floorTo(event.event_time, DAY_MS), event);
        this.#noteContent(name, content);
        const part = content.coverage ?? this.#partOfRows(name, content.events);
        if (part !== null) this.#parts.push(part);
        break;
      }
      case "unknown":
        if (claimsLiquidations(name)) throw new InputError(`${name} holds no liquidations, although its name says so; ${content.reason}`);
        this.#inputs.delete(name);
        this.#unread.push(name);
    }
  }

  #addManifest(manifest: Manifest | null, name: string): void {
    if (manifest === null) {
      this.#inputs.delete(name);
      this.#unread.push(name);
      return;
    }
    this.#noteFilters(name, manifest.filters);
    this.#manifests.push(manifest);
    if (manifest.part !== null) this.#parts.push(manifest.part);
    for (const { name: file, sha256 } of manifest.files) if (sha256 !== null) this.#listed.set(file, { sha256, by: name });
  }

  /** Files are read in the order of their names, so a file may have been read before the manifest that lists it. */
  #checkManifests(names: ReadonlySet<string>): void {
    for (const { files, name } of this.#manifests) {
      const missing = files.find((file) => !names.has(file.name));
      if (missing !== undefined) {
        const advice = "download it, or remove the manifest to use what is there";
        throw new InputError(`${name} lists ${missing.name}, which is not in ${this.name}; ${advice}`);
      }
    }
    for (const { name, sha256 } of this.#inputs.values()) this.#checkHash(name, sha256);
  }

  #checkHash(name: string, sha256: string): void {
    const listed = this.#listed.get(baseName(name));
    if (listed === undefined || listed.sha256 === sha256) return;
    throw new InputError(
      `${name} has the SHA-256 ${sha256}, but ${listed.by} says ${listed.sha256}: the file or its manifest is outdated or broken; download both again`,
    );
  }

  async #readDayFile(
    { entry, format }: DayFile,
    day: number,
  ): Promise<{ readonly events: readonly ReplayedEvent[]; readonly part: CoveredPart }> {
    const content = await this.#read(entry, format);
    if (content.kind !== "liquidations")
      throw new InputError(
        `${entry.name} holds no liquidations, although its name says so${content.kind === "unknown" ? `; ${content.reason}` : ""}`,
      );
    const astray = content.events.find(({ event_time: time }) => time < day || time >= day + DAY_MS);
    if (astray !== undefined)
      throw new InputError(
        `${entry.name} holds a liquidation of ${new Date(astray.event_time).toISOString()}; allowed: only those of the date in its name`,
      );
    this.#noteContent(entry.name, content);
    const whole = {
      name: entry.name,
      range: { start: day, end: day + DAY_MS },
      venues: null,
      symbols: null,
      gaps: content.gaps ?? [],
      notCovered: [],
    };
    return { events: content.events, part: content.coverage ?? { ...whole, knowsGaps: content.gaps !== null } };
  }

  /** A file that does not say what it covers vouches for the time from its first to its last row. */
  #partOfRows(name: string, events: readonly ReplayedEvent[]): CoveredPart | null {
    const [first] = events;
    const isListed = this.#manifests.some(({ files }) => files.some((file) => file.name === baseName(name)));
    if (first === undefined || isListed) return null;
    let [start, end] = [first.event_time, first.event_time];
    for (const { event_time: time } of events) [start, end] = [Math.min(start, time), Math.max(end, time)];
    return { name, range: { start, end: end + 1 }, venues: null, symbols: null, gaps: [], notCovered: [], knowsGaps: false };
  }

  #checkSymbols(parts: readonly CoveredPart[], day: number): void {
    const { symbols } = this.#wanted;
    if (symbols === null || parts.some((part) => part.symbols === null)) return;
    const held = new Set(parts.flatMap((part) => part.symbols ?? []));
    const missing = [...symbols].filter((symbol) => !held.has(symbol));
    if (missing.length === 0) return;
    const [part] = parts;
    throw new InputError(
      `${part?.name} was exported for ${[...held].join(", ")} only, so ${missing.join(", ")} of ${utcDate(day)} would seem quiet; allowed: --symbols ${[...held].join(",")}`,
    );
  }

  #noteUnknownGaps(parts: readonly CoveredPart[], day: number): void {
    if (parts.some(({ knowsGaps }) => knowsGaps)) return;
    const names = [...new Set(parts.map(({ name }) => name))].slice(0, 2).join(", ");
    this.#notes.add(`Gaps unknown: ${names} of ${utcDate(day)} says nothing of them; keep the manifest beside the files`);
  }

  #noteContent(name: string, { lacking, filters }: Extract<FileContent, { kind: "liquidations" }>): void {
    if (lacking.length > 0) this.#notes.add(`${name} lacks the columns ${lacking.join(", ")}: read as unknown`);
    this.#noteFilters(name, filters);
  }

  #noteFilters(name: string, { side, minUsd }: Filters): void {
    if (side !== null)
      throw new InputError(`${name} was exported with side ${side}; allowed: exports of both sides, as the live rule sums both`);
    if (minUsd !== null) this.#notes.add(`${name} holds only liquidations of at least ${minUsd} USD: sums are lower than live`);
  }
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const own = lists.get(key);
  if (own === undefined) lists.set(key, [value]);
  else own.push(value);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
