import type { BatchSource, DailyPlan } from "../../src/daily/plan.ts";
import { slicePlaces } from "../../src/daily/slice-places.ts";
import { type PlacedLiquidation, placeLiquidations } from "../../src/parquet/decode.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { readImpacts } from "../d1/impact-reads.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import { readBytes } from "../r2/bucket.ts";
import { PublishedRows } from "./published-file.ts";
import { UnreadableBatchError } from "./quarantine.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Stores } from "./stores.ts";

/** Maximum number of concurrent requests: the connections of a Worker. */
const AT_ONCE = 6;

/**
 * The rows of a day by time: those of its file and of the batches that the file lacks, each event once, with the
 * impacts known in D1. The Parquet module must have been loaded.
 */
export class DayRows {
  readonly #env: Stores;
  readonly #base: DailyPlan["base"];
  readonly #batches: readonly BatchSource[];
  #file: PublishedRows<PlacedLiquidation> | null = null;

  constructor(env: Stores, { base, batches }: Pick<DailyPlan, "base" | "batches">) {
    this.#env = env;
    this.#base = base;
    this.#batches = batches;
  }

  batchesIn({ start, end }: TimeRange): readonly BatchSource[] {
    return this.#batches.filter((batch) => batch.first_event_time < end && batch.last_event_time >= start);
  }

  /**
   * In the order of event time and id.
   * @throws {MissingObjectError} where the file or a batch was deleted or replaced
   * @throws {UnreadableBatchError} where the bytes of a batch are not its rows
   */
  async read(range: TimeRange): Promise<readonly PlacedLiquidation[]> {
    await yieldToEventLoop();
    const found: (readonly PlacedLiquidation[])[] = [];
    if (this.#base !== null) {
      this.#file ??= await PublishedRows.open(this.#env.BUCKET, this.#base, placeLiquidations);
      found.push(...(await this.#file.read(range.start, range.end)));
    }
    const batches = this.batchesIn(range);
    for (let from = 0; from < batches.length; from += AT_ONCE) {
      const some = batches.slice(from, from + AT_ONCE);
      const files = await Promise.all(some.map(({ key, etag }) => readBytes(this.#env.BUCKET, key, { etag })));
      // Rows of other slices are released at once.
      for (const [index, file] of files.entries()) {
        const rows = readBatch(file, some[index]);
        found.push(rows.filter(({ event_time: time }) => time >= range.start && time < range.end));
      }
    }
    return slicePlaces(found, range, await readImpacts(this.#env.DB, range));
  }
}

function readBatch(bytes: Uint8Array, batch: BatchSource | undefined): readonly PlacedLiquidation[] {
  try {
    return placeLiquidations(bytes);
  } catch (error) {
    throw batch === undefined ? error : new UnreadableBatchError(batch, messageOf(error));
  }
}
