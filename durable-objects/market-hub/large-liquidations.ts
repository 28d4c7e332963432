import { MAX_WAIT_MS } from "../../src/backoff.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import type { NewEntry } from "../../src/stream/log-entry.ts";
import type { PublishOutcome } from "../../src/webhooks/event.ts";
import { type UsdByAsset, minUsdOf } from "../../src/webhooks/min-usd.ts";
import type { ObjectMemory } from "../object-memory.ts";

/** What could not be published for this long is given up. */
const PUBLISH_WITHIN_MS = 3_600_000;
const FIRST_WAIT_MS = 10_000;
const AT_ONCE = 100;
const KEY = "lowest_min_usd";

export interface NotedLiquidation {
  readonly liquidation: Liquidation;
  /** When the hub had it, ms. */
  readonly time: number;
}

export interface LargeLiquidationDependencies {
  readonly sql: SqlStorage;
  readonly memory: ObjectMemory;
  publish(noted: readonly NotedLiquidation[]): Promise<PublishOutcome>;
  /** Notes what is given up. May throw: it then stays in the outbox. */
  addDeadLetters(noted: readonly NotedLiquidation[], reason: string): Promise<void>;
  now(): number;
}

interface Waiting extends NotedLiquidation {
  readonly id: number;
  readonly tries: number;
}

const DUE = `
  SELECT id, time, frame, tries FROM large_outbox WHERE next_time <= ?1 OR next_time > ?1 + ${MAX_WAIT_MS} ORDER BY id LIMIT ${AT_ONCE}`;

/**
 * Publishes liquidations that some webhook endpoint wants, from an outbox that survives a restart. It knows the lowest size
 * that any endpoint wants of each base asset; each endpoint's own size decides when they are published. Where none wants
 * any, nothing is done.
 */
export class LargeLiquidations {
  readonly #deps: LargeLiquidationDependencies;
  #lowest: UsdByAsset | null;
  #running = false;

  constructor(deps: LargeLiquidationDependencies) {
    this.#deps = deps;
    this.#lowest = wantedOf((deps.memory.read(KEY) as UsdByAsset | undefined) ?? {});
  }

  /** Sets the lowest size that any endpoint wants of each base asset, USD; empty where none wants any. */
  setLowest(lowest: UsdByAsset): void {
    this.#deps.memory.write(KEY, lowest);
    this.#lowest = wantedOf(lowest);
  }

  /** Notes what is wanted of frames that are new in the stream log, which has each liquidation once. */
  note(entries: readonly NewEntry[]): void {
    if (this.#lowest === null) return;
    const lowest = this.#lowest;
    const { sql, now } = this.#deps;
    const wanted = entries.filter((entry) => isWanted(entry, lowest));
    if (wanted.length === 0) return;
    for (const { body } of wanted) sql.exec("INSERT INTO large_outbox (time, frame) VALUES (?, ?)", now(), `{${body}}`);
    setTimeout(() => void this.run(), 0);
  }

  /** Never throws and never runs twice at once. What fails waits for a later run. */
  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let due = this.#due(); due.length > 0; due = this.#due()) await this.#publish(due);
    } catch (error) {
      writeLog("error", { event: "large_liquidations_failed", error: messageOf(error) });
    } finally {
      this.#running = false;
    }
  }

  #due(): readonly Waiting[] {
    return this.#deps.sql
      .exec<{ id: number; time: number; frame: string; tries: number }>(DUE, this.#deps.now())
      .toArray()
      .map(({ frame, ...row }) => ({ ...row, liquidation: (JSON.parse(frame) as { readonly data: Liquidation }).data }));
  }

  async #publish(due: readonly Waiting[]): Promise<void> {
    const outcome = await this.#deps.publish(due.map(({ liquidation, time }) => ({ liquidation, time })));
    if (outcome.kind === "queued") return this.#done(due);
    const now = this.#deps.now();
    const { again = [], dead = [] } = Object.groupBy(due, ({ time }) =>
      !outcome.final && now - time < PUBLISH_WITHIN_MS ? "again" : "dead",
    );
    for (const { id, tries } of again) {
      const nextTime = now + Math.min(FIRST_WAIT_MS * 2 ** tries, MAX_WAIT_MS);
      this.#deps.sql.exec("UPDATE large_outbox SET tries = tries + 1, next_time = ? WHERE id = ?", nextTime, id);
    }
    if (dead.length === 0) return;
    await this.#deps.addDeadLetters(dead, outcome.reason);
    this.#done(dead);
  }

  #done(waiting: readonly Waiting[]): void {
    for (const { id } of waiting) this.#deps.sql.exec("DELETE FROM large_outbox WHERE id = ?", id);
  }
}

function wantedOf(lowest: UsdByAsset): UsdByAsset | null {
  return Object.keys(lowest).length === 0 ? null : lowest;
}

/** What no venue reported is never sent. */
function isWanted({ kind, inferred, symbol, usd }: NewEntry, lowest: UsdByAsset): boolean {
  if (kind !== "liquidation" || inferred || symbol === null || usd === null) return false;
  const least = minUsdOf(lowest, symbol);
  return least !== null && usd >= least;
}
