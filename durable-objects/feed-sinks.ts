import type { Config } from "../src/config.ts";
import type { FeedStatus } from "../src/feed-status.ts";
import type { ExchangeName } from "../src/liquidation.ts";
import type { Sink, SinkName } from "../src/sink.ts";
import type { GapLog } from "./gap-log.ts";
import type { ImpactLog } from "./impact-log.ts";
import type { Journal } from "./journal.ts";
import type { MarkLog } from "./mark-log.ts";
import type { RejectLog } from "./reject-log.ts";
import { SinkPump } from "./sink-pump.ts";

interface Surroundings<Env> {
  readonly env: Env;
  readonly config: Config;
  readonly sinks: readonly Sink<Env>[];
  readonly sql: SqlStorage;
  readonly exchange: ExchangeName;
  readonly epoch: number;
  readonly journal: Journal;
  readonly impacts: ImpactLog;
  readonly gaps: GapLog;
  readonly marks: MarkLog;
  readonly rejects: RejectLog;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: (entry: Record<string, unknown>) => void;
}

interface Route<Env> {
  readonly sink: Sink<Env>;
  readonly pump: SinkPump<Env>;
}

/** All the stores of a feed: what each has, and what the journal may forget. */
export class FeedSinks<Env> {
  readonly #around: Surroundings<Env>;
  readonly #routes: readonly Route<Env>[];

  constructor(around: Surroundings<Env>) {
    this.#around = around;
    this.#routes = around.sinks.map((sink) => ({ sink, pump: new SinkPump(sink, around) }));
  }

  /** Brings what is sealed and noted into the stores, or into the one named. One that fails holds up no other. */
  async carry(only: SinkName | null = null): Promise<void> {
    const routes = this.#on.filter(({ sink }) => only === null || sink.name === only);
    await Promise.all(routes.map((route) => this.#carry(route)));
  }

  /** Whether every sealed batch is in every store that is on. */
  get drained(): boolean {
    return this.#on.every(({ pump }) => pump.storedBatch >= this.#around.journal.lastBatch);
  }

  /** The last batch that every store has. */
  get storedBatch(): number {
    return Math.min(...this.#on.map(({ pump }) => pump.storedBatch), this.#around.journal.lastBatch);
  }

  /** The last event whose impact every store was told. */
  get toldImpact(): number {
    return Math.min(...this.#on.map(({ pump }) => pump.toldImpact), this.#around.journal.total);
  }

  status(): FeedStatus["sinks"] {
    const { config } = this.#around;
    const statuses = this.#routes.map(({ sink, pump }): [SinkName, FeedStatus["sinks"][SinkName]] => [sink.name, pump.status(config)]);
    return Object.fromEntries(statuses) as FeedStatus["sinks"];
  }

  get #on(): readonly Route<Env>[] {
    return this.#routes.filter(({ sink }) => sink.off(this.#around.config) === null);
  }

  async #carry({ sink, pump }: Route<Env>): Promise<void> {
    const { env, config, exchange, gaps, marks, log } = this.#around;
    await pump.run(env, config);
    if (sink.writeNotes === undefined) return;
    const notes = { exchange, gaps: gaps.untold(), minuteMarks: marks.untold() };
    if (notes.gaps.length === 0 && notes.minuteMarks.length === 0) return;
    try {
      await sink.writeNotes(env, notes);
      gaps.told(notes.gaps);
      marks.told(notes.minuteMarks);
    } catch (error) {
      log({ event: "notes_failed", sink: sink.name, error: String(error) });
    }
  }
}
