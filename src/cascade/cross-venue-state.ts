import { flowUsd } from "../flow-usd.ts";
import type { CrossVenueFields, ExchangeName, PositionSide } from "../liquidation.ts";
import { EXCHANGES, POSITION_SIDES } from "../liquidation-fields.ts";
import { type Baseline, crossVenueFields, type RunningCascade, UNKNOWN_CROSS_VENUE_FIELDS } from "./cross-venue-fields.ts";
import { eventHash } from "./event-hash.ts";
import type { FlowEvent } from "./flow-onset.ts";
import type { Flow } from "./flow.ts";
import type { HubEvent } from "./hub-event.ts";
import { packRows, ROW_FORMAT, unpackRows } from "./history-rows.ts";
import { RecentAnswers } from "./recent-answers.ts";
import { BLOCK_SECONDS, blockStart, type SecondBlock } from "./second-block.ts";
import { SideHistory } from "./side-history.ts";
import { Tally } from "./tally.ts";
import { MAX_AHEAD_MS, MAX_LATENESS_MS } from "../lateness.ts";

/** Retention of events: the longest window of the latest event that still gets fields. */
export const HORIZON_MS = 15 * 60_000 + MAX_LATENESS_MS;
/** 15 minutes of 1,000 events/s. Beyond that the oldest events are dropped first, and the horizon shrinks. */
const MAX_EVENTS = 1_000_000;

/** The state of a symbol and side at one moment, for the cascade machine. */
export interface FlowReader {
  /** The events with `after` < event time ≤ `upTo` that were received by `received`; all times ms. */
  between(symbol: string, side: PositionSide, after: number, upTo: number, received: number): Tally;
  /** The same events one by one, in order of time. */
  events(symbol: string, side: PositionSide, after: number, upTo: number, received: number): readonly FlowEvent[];
  /** The number of the group of events, received together, that was added last. */
  readonly group: number;
}

export interface CrossVenueOptions {
  /** Time resolution of each venue's feed (`Exchange.lagResolutionMs`). */
  lagResolutionMs(exchange: ExchangeName): number;
  baseline(symbol: string, side: PositionSide): Baseline;
  /** Called once for each event, in the order received; returns the running cascade it belongs to. */
  cascadeOf?(event: HubEvent, flow: Flow, reader: FlowReader): RunningCascade | null;
}

/** Thirty seconds of events of one symbol and side, in the form that the state is stored in. */
export interface HistoryChunk {
  readonly key: string;
  /** After this time plus `HORIZON_MS` the chunk is obsolete. */
  readonly until: number;
  /** Format of `rows`. */
  readonly format: number;
  readonly rows: Float64Array;
}

/**
 * All venues together, per symbol and position side, by event time. The fields of an event depend on events with an
 * event time in its windows that were received no later than the event itself, whatever the order of arrival: a
 * backtest on the stored rows computes the same sums, except for rounding. Late events correct the fields of later
 * ones. At most a million events are held, 50 MB with the last answers.
 */
export class CrossVenueState implements FlowReader {
  readonly #options: CrossVenueOptions;
  readonly #histories = new Map<string, SideHistory>();
  readonly #answers = new RecentAnswers();
  #changed = new Set<string>();
  #events = 0;
  #group = 0;
  #evictedSecond = 0;

  constructor(options: CrossVenueOptions) {
    this.#options = options;
  }

  /** Number of events held. */
  get size(): number {
    return this.#events;
  }

  get group(): number {
    return this.#group;
  }

  /**
   * @param now ms; events older than the horizon are dropped
   * @returns one answer for each event, in the same order; a repeated event gets the same answer
   */
  observe(events: readonly HubEvent[], now: number): CrossVenueFields[] {
    this.#evict(now);
    const answers: CrossVenueFields[] = events.map(() => UNKNOWN_CROSS_VENUE_FIELDS);
    const order = events.map((event, index) => ({ event, index })).toSorted((a, b) => a.event.received_time - b.event.received_time);
    for (let start = 0; start < order.length;) {
      // Events that were received together know of each other, so all are added before the first is answered.
      const received = order[start]?.event.received_time ?? 0;
      this.#group += 1;
      let end = start;
      const together = [];
      for (; end < order.length && order[end]?.event.received_time === received; end += 1) {
        const offered = order[end];
        if (offered !== undefined) together.push({ ...offered, isNew: this.#insert(offered.event, now) });
      }
      for (const { event, index, isNew } of together) answers[index] = this.#answer(event, isNew, now);
      start = Math.max(end, start + 1);
    }
    return answers;
  }

  between(symbol: string, side: PositionSide, after: number, upTo: number, received: number): Tally {
    return this.#histories.get(`${symbol}|${side}`)?.between(after, upTo, received) ?? new Tally();
  }

  events(symbol: string, side: PositionSide, after: number, upTo: number, received: number): readonly FlowEvent[] {
    return this.#histories.get(`${symbol}|${side}`)?.events(after, upTo, received) ?? [];
  }

  /** The base assets with an event, in alphabetical order. */
  symbols(): readonly string[] {
    return [...new Set([...this.#histories.keys()].map((key) => parseKey(key).symbol))].toSorted();
  }

  /** The velocity of every symbol and side at a moment, for the baselines' sketches. */
  sample(now: number): { readonly symbol: string; readonly side: PositionSide; readonly velocity: number }[] {
    return [...this.#histories].map(([key, history]) => ({ ...parseKey(key), velocity: history.flow(now, Infinity, -1).velocity }));
  }

  /** The chunks that changed since the last call, complete: a chunk replaces a stored one with the same key. */
  takeChanges(): HistoryChunk[] {
    const chunks = [...this.#changed].flatMap((key) => {
      const cut = key.lastIndexOf("|");
      const block = this.#histories.get(key.slice(0, cut))?.blocks.find(({ start }) => start === Number(key.slice(cut + 1)));
      return block === undefined ? [] : [chunkOf(key, block)];
    });
    this.#changed = new Set();
    return chunks;
  }

  /** All chunks. */
  snapshot(): HistoryChunk[] {
    return [...this.#histories].flatMap(([key, { blocks }]) => blocks.map((block) => chunkOf(`${key}|${block.start}`, block)));
  }

  /** Restores chunks after a restart. Earlier answers are recomputed when they are requested again. */
  restore(chunks: Iterable<HistoryChunk>): void {
    for (const { key, format, rows } of chunks) {
      const history = this.#history(key.slice(0, key.lastIndexOf("|")));
      for (const { time, usd, received, exchange, idHash } of unpackRows(rows, format)) {
        if (history.add(time, usd, received, exchange, idHash)) this.#events += 1;
      }
    }
  }

  /** @returns true where the event is new and was added */
  #insert(event: HubEvent, now: number): boolean {
    if (!isCounted(event) || event.event_time <= now - HORIZON_MS || event.event_time > now + MAX_AHEAD_MS) return false;
    const key = `${event.symbol}|${event.position_side}`;
    const known = flowUsd(event);
    const usd = known !== null && known >= 0 ? known : Number.NaN;
    const exchange = EXCHANGES.indexOf(event.exchange);
    const isNew = this.#history(key).add(event.event_time, usd, event.received_time, exchange, eventHash(event.event_id));
    if (!isNew) return false;
    this.#events += 1;
    this.#changed.add(`${key}|${blockStart(Math.floor(event.event_time / 1000))}`);
    return true;
  }

  #answer(event: HubEvent, isNew: boolean, now: number): CrossVenueFields {
    const given = this.#answers.get(event.event_id);
    if (given !== undefined) return given;
    const history = this.#histories.get(`${event.symbol}|${event.position_side}`);
    const isAnswered = isCounted(event) && event.event_time > now - MAX_LATENESS_MS && event.event_time <= now + MAX_AHEAD_MS;
    if (history === undefined || !isAnswered) return UNKNOWN_CROSS_VENUE_FIELDS;
    const flow = history.flow(event.event_time, event.received_time, EXCHANGES.indexOf(event.exchange));
    const baseline = this.#options.baseline(event.symbol, event.position_side);
    const cascade = isNew ? (this.#options.cascadeOf?.(event, flow, this) ?? null) : null;
    const answer = crossVenueFields(event, flow, baseline, this.#options.lagResolutionMs, cascade);
    this.#answers.set(event.event_id, answer);
    return answer;
  }

  #evict(now: number): void {
    while (this.#events > MAX_EVENTS) this.#evictOldestBlock();
    const second = Math.floor((now - HORIZON_MS) / 1000);
    if (second === this.#evictedSecond) return;
    this.#evictedSecond = second;
    for (const [key, history] of this.#histories) {
      this.#events -= history.evictBefore(second);
      if (history.blocks.length === 0) this.#histories.delete(key);
    }
  }

  #evictOldestBlock(): void {
    let oldest: SideHistory | undefined;
    for (const history of this.#histories.values()) {
      if ((history.blocks[0]?.start ?? Infinity) < (oldest?.blocks[0]?.start ?? Infinity)) oldest = history;
    }
    this.#events -= oldest?.evictBefore((oldest.blocks[0]?.start ?? 0) + BLOCK_SECONDS) ?? this.#events;
  }

  #history(key: string): SideHistory {
    let history = this.#histories.get(key);
    if (history === undefined) {
      history = new SideHistory();
      this.#histories.set(key, history);
    }
    return history;
  }
}

/** Inferred events are not reported by the venue, and no total includes them by default. */
function isCounted(event: HubEvent): boolean {
  return event.coverage !== "inferred" && Number.isFinite(event.event_time) && Number.isFinite(event.received_time);
}

function chunkOf(key: string, block: SecondBlock): HistoryChunk {
  const rows = block.buckets.flatMap((bucket) => [...bucket.rows()]);
  return { key, until: (block.start + BLOCK_SECONDS) * 1000, format: ROW_FORMAT, rows: packRows(rows) };
}

function parseKey(key: string): { readonly symbol: string; readonly side: PositionSide } {
  const cut = key.lastIndexOf("|");
  const side = POSITION_SIDES.find((name) => name === key.slice(cut + 1)) ?? "long";
  return { symbol: key.slice(0, cut), side };
}
