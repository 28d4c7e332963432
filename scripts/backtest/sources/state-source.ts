import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { R2Bucket } from "@cloudflare/workers-types";
import type { SymbolMark } from "../../../src/backtest/mark-book.ts";
import type { StoredDay } from "../../../src/backtest/replay-days.ts";
import { REPLAYED_FIELDS, type ReplayedEvent } from "../../../src/backtest/replayed-event.ts";
import { BATCH_PREFIX, utcDate } from "../../../src/batch-object.ts";
import { DAILY_PREFIX } from "../../../src/daily/daily-keys.ts";
import { MARKS_PREFIX } from "../../../src/daily/mark-keys.ts";
import type { Gap } from "../../../src/gap.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { type LocalStorage, openStorage } from "../../local-worker.ts";
import { type Entry, FileSource, type FilesWanted } from "./file-source.ts";
import { type Input, InputError, type Source } from "./source.ts";

/** The folders of the bucket that hold data of a backtest. */
const PREFIXES = [DAILY_PREFIX, BATCH_PREFIX, MARKS_PREFIX] as const;

/**
 * The state of a local run: the files and batches in its R2, and the events, gaps and minute marks in its D1. Time after
 * the last thing that was stored counts as not connected, because nothing tells that the run had ended.
 */
export class StateSource implements Source {
  readonly name: string;
  readonly #storage: LocalStorage;
  readonly #files: FileSource;
  readonly #wanted: FilesWanted;
  readonly #queries = new Map<string, Input>();
  readonly #lastTime: number;

  private constructor(name: string, storage: LocalStorage, files: FileSource, wanted: FilesWanted, lastTime: number) {
    this.name = name;
    this.#storage = storage;
    this.#files = files;
    this.#wanted = wanted;
    this.#lastTime = lastTime;
  }

  /** @throws {InputError} where the folder is not a state */
  static async open(stateDir: string, wanted: FilesWanted): Promise<StateSource> {
    if (!existsSync(join(stateDir, "v3", "d1")))
      throw new InputError(
        `${stateDir} is not the state of a local run: it has no v3/d1; allowed: the folder of npm run demo -- --state DIR, or of npm start`,
      );
    const storage = await openStorage(stateDir);
    try {
      const entries = (await Promise.all(PREFIXES.map((prefix) => entriesOf(storage.env.BUCKET, prefix)))).flat();
      const files = await FileSource.open(stateDir, entries, wanted);
      return new StateSource(stateDir, storage, files, wanted, await lastTimeOf(storage));
    } catch (error) {
      await storage.dispose();
      throw error;
    }
  }

  async readDay(day: number): Promise<StoredDay | null> {
    const stored = await this.#files.readDay(day);
    const range = { start: day, end: Math.min(day + DAY_MS, Math.max(this.#lastTime, day)) };
    const columns = REPLAYED_FIELDS.map((name) => `"${name}"`).join(", ");
    const hot = await this.#rows<ReplayedEvent>(
      `liquidations ${utcDate(day)}`,
      `SELECT ${columns} FROM liquidations WHERE event_time >= ?1 AND event_time < ?2 ORDER BY event_time, event_id`,
      [day, day + DAY_MS],
    );
    if (stored === null && hot.length === 0) return null;
    const gaps = await this.#rows<Gap>(
      `gaps ${utcDate(day)}`,
      `SELECT exchange, max(from_time, ?1) AS from_time, min(coalesce(to_time, ?2), ?2) AS to_time, reason FROM gaps
       WHERE from_time < ?2 AND (to_time IS NULL OR to_time > ?1) ORDER BY from_time, exchange`,
      [day, day + DAY_MS],
    );
    const ended = this.#wanted.venues.flatMap((exchange): readonly Gap[] =>
      range.end < day + DAY_MS ? [{ exchange, from_time: range.end, to_time: day + DAY_MS, reason: "disconnected" }] : [],
    );
    const { symbols } = this.#wanted;
    const events = hot.filter(({ symbol }) => symbols?.has(symbol) ?? true);
    return { events: [...(stored?.events ?? []), ...events], gaps: [...(stored?.gaps ?? []), ...gaps, ...ended] };
  }

  async readMarks(day: number): Promise<readonly SymbolMark[]> {
    const inFiles = await this.#files.readMarks(day);
    const hot = await this.#rows<SymbolMark>(
      `minute_marks ${utcDate(day)}`,
      `SELECT * FROM minute_marks
       WHERE minute >= ?1 AND minute < ?2 ORDER BY minute, symbol, exchange`,
      [day, day + DAY_MS],
    );
    return [...inFiles, ...hot];
  }

  inputs(): readonly Input[] {
    return [...this.#files.inputs(), ...this.#queries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  notes(): readonly string[] {
    return this.#files.notes();
  }

  async close(): Promise<void> {
    await this.#storage.dispose();
  }

  async #rows<Row>(name: string, sql: string, values: readonly number[]): Promise<readonly Row[]> {
    const { results } = await this.#storage.env.DB.prepare(sql)
      .bind(...values)
      .all<Row>();
    const text = JSON.stringify(results);
    const sha256 = createHash("sha256").update(text).digest("hex");
    if (results.length > 0) this.#queries.set(name, { name: `D1 ${name}`, bytes: Buffer.byteLength(text), sha256 });
    return results;
  }
}

async function entriesOf(bucket: R2Bucket, prefix: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
    entries.push(...page.objects.map(({ key }): Entry => ({ name: key, read: () => objectBytes(bucket, key) })));
    if (!page.truncated) return entries;
    cursor = page.cursor;
  }
}

async function objectBytes(bucket: R2Bucket, key: string): Promise<Uint8Array> {
  const object = await bucket.get(key);
  if (object === null) throw new InputError(`${key} was deleted while it was read; stop the run first`);
  return new Uint8Array(await object.arrayBuffer());
}

/** The last time of which something is stored, ms. */
async function lastTimeOf({ env }: LocalStorage): Promise<number> {
  const sql = `
    SELECT max(coalesce((SELECT max(received_time) FROM liquidations), 0),
               coalesce((SELECT max(minute) + ${MINUTE_MS} FROM minute_marks), 0)) AS time`;
  return (await env.DB.prepare(sql).first<number>("time")) ?? 0;
}
