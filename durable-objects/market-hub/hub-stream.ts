import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";
import type { CrossVenueFields, Liquidation } from "../../src/liquidation.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import type { FeedReport, FeedReportAnswer } from "../../src/stream/feed-report.ts";
import type { SymbolTotals } from "../../src/stream/frames.ts";
import { type NewEntry, cascadeEntry, feedEntry, liquidationEntry, signalEntry } from "../../src/stream/log-entry.ts";
import type { LogPage, PushAnswer, RelayPush, StreamPicture } from "../../src/stream/relay-protocol.ts";
import type { ObjectMemory } from "../object-memory.ts";
import { type BoardVenue, FeedBoard } from "./feed-board.ts";
import { StreamFanout } from "./stream-fanout.ts";
import { StreamLog } from "./stream-log.ts";

export interface HubStreamDependencies {
  readonly sql: SqlStorage;
  readonly memory: ObjectMemory;
  readonly venues: readonly BoardVenue[];
  /** May throw: the push is sent again. */
  push(relay: string, push: RelayPush): Promise<PushAnswer>;
  /** Called with the frames that are new in the log, in order. */
  logged(entries: readonly NewEntry[]): void;
  /** Called with the liquidations among them. */
  observed(liquidations: readonly Liquidation[]): void;
  running(): readonly CascadeRecord[];
  totals(now: number): readonly SymbolTotals[];
  now(): number;
}

/** The one order of the live stream: what happens is logged in the turn in which the hub accepts it, and then sent to the relays. */
export class HubStream {
  readonly #deps: HubStreamDependencies;
  readonly #log: StreamLog;
  readonly #fanout: StreamFanout;
  readonly #board: FeedBoard;
  /** Transitions that the liquidations being observed have caused: they follow these. */
  #transitions: readonly CascadeTransition[] = [];

  constructor(deps: HubStreamDependencies) {
    const { sql, memory, venues, push, totals, now } = deps;
    this.#deps = deps;
    this.#log = new StreamLog(sql, memory, now());
    this.#fanout = new StreamFanout(this.#log, memory, { push, totals, now });
    this.#board = new FeedBoard(venues);
  }

  get relays(): readonly string[] {
    return this.#fanout.names;
  }

  /** Logs liquidations, each with its fields over all venues as far as they are known, and then what they caused. */
  observed(liquidations: readonly Liquidation[], answers: readonly (CrossVenueFields | undefined)[]): void {
    const complete = liquidations.map((liquidation, index) => ({ ...liquidation, ...answers[index] }));
    const entries = complete.map((liquidation) => liquidationEntry(liquidation));
    const added = new Set(this.#add([...entries, ...this.#takeTransitions()]));
    this.#deps.observed(complete.filter((_liquidation, index) => entries[index] !== undefined && added.has(entries[index])));
  }

  noteTransitions(transitions: readonly CascadeTransition[]): void {
    this.#transitions = [...this.#transitions, ...transitions];
  }

  /** Logs the transitions that no liquidation caused. */
  logTransitions(): void {
    this.#add(this.#takeTransitions());
  }

  addSignal(record: SignalRecord): void {
    this.#add([signalEntry(record)]);
  }

  /** Logs frames that were made elsewhere. */
  addEntries(entries: readonly NewEntry[]): void {
    this.#add(entries);
  }

  noteFeed(report: FeedReport): FeedReportAnswer {
    const now = this.#deps.now();
    if (report.status !== null) this.#add([feedEntry(report.status, now)]);
    return this.#board.note(report, now);
  }

  attach(relay: string): StreamPicture {
    this.#fanout.attach(relay);
    return this.picture();
  }

  read(after: number): LogPage {
    return this.#log.read(after);
  }

  /**
   * The logged liquidations that were received at a time or later, ms, as far as the log reaches.
   * @param part what the JSON of each has to contain: reading that costs less than parsing it
   */
  *liquidationsSince(time: number, part = ""): Generator<Liquidation> {
    let after = this.#log.before(time);
    for (let page = this.#log.read(after); page.entries.length > 0; page = this.#log.read(after)) {
      for (const { kind, received_time: received, body } of page.entries)
        if (kind === "liquidation" && (received ?? 0) >= time && body.includes(part))
          yield (JSON.parse(`{${body}}`) as { readonly data: Liquidation }).data;
      after = page.to;
    }
  }

  /** The sequence after which all frames were logged at a time or later, ms. */
  before(time: number): number {
    return this.#log.before(time);
  }

  /** The earliest time of a frame after this sequence, ms; null where it is not known. */
  earliestAfter(sequence: number): number | null {
    return this.#log.earliestAfter(sequence);
  }

  picture(): StreamPicture {
    const now = this.#deps.now();
    return {
      ...this.#board.beat(now),
      extent: this.#log.extent,
      oldest_time: this.#log.oldestTime,
      venues: this.#board.venues(),
      contracts: this.#board.contracts(),
      cascades: this.#deps.running().filter(({ state }) => state !== "building"),
      totals: this.#deps.totals(now),
    };
  }

  beat(now: number): void {
    this.#fanout.beat(this.#board.beat(now));
    this.#log.trim(now);
  }

  #takeTransitions(): readonly NewEntry[] {
    const now = this.#deps.now();
    const entries = this.#transitions.map((transition) => cascadeEntry(transition, now));
    this.#transitions = [];
    return entries;
  }

  /** @returns the new ones */
  #add(entries: readonly NewEntry[]): readonly NewEntry[] {
    const added = entries.length === 0 ? [] : this.#log.add(entries, this.#deps.now());
    if (added.length === 0) return added;
    this.#deps.logged(added);
    this.#fanout.poke();
    return added;
  }
}
