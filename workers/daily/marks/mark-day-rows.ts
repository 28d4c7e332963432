import type { MarkManifest } from "../../../src/daily/mark-manifest.ts";
import { mergeMarks } from "../../../src/merge-marks.ts";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import { readMinuteMarks } from "../../../src/parquet/decode.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { type MarkFilter, readMarks } from "../../d1/mark-reads.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";
import { PublishedRows } from "../published-file.ts";
import type { Stores } from "../stores.ts";

/**
 * The minute marks of a UTC day by time: those of its file and those of D1, each once. The Parquet module must have been
 * loaded.
 */
export class MarkDayRows {
  readonly #env: Stores;
  readonly #base: MarkManifest | null;
  #file: PublishedRows<MinuteMark> | null = null;

  constructor(env: Stores, base: MarkManifest | null) {
    this.#env = env;
    this.#base = base;
  }

  /**
   * By minute, base asset and venue.
   * @throws {MissingObjectError} where the file was deleted or replaced
   * @throws {UnreadableDailyFileError} where its bytes are not marks
   */
  async read(range: TimeRange, filter: MarkFilter = { symbols: null, exchanges: null }): Promise<readonly MinuteMark[]> {
    await yieldToEventLoop();
    const symbols = filter.symbols === null ? null : new Set(filter.symbols);
    const exchanges = filter.exchanges === null ? null : new Set(filter.exchanges);
    const isWanted = ({ minute, symbol, exchange }: MinuteMark) =>
      minute >= range.start && minute < range.end && (symbols?.has(symbol) ?? true) && (exchanges?.has(exchange) ?? true);
    const filed = (await this.#filed(range)).map((marks) => marks.filter(isWanted));
    return mergeMarks([...filed, await readMarks(this.#env.DB, range, filter)]);
  }

  async #filed({ start, end }: TimeRange): Promise<readonly (readonly MinuteMark[])[]> {
    if (this.#base === null || this.#base.rows === 0) return [];
    this.#file ??= await PublishedRows.open(this.#env.BUCKET, this.#base, readMinuteMarks);
    return this.#file.read(start, end);
  }
}
