import type { Config } from "../../src/config.ts";
import type { DayCounts } from "../../src/day-counts.ts";
import type {
  Endpoints,
  Exchange,
  Inferrer,
  FeedMessage,
  ReceivedFrame,
  Reject,
  RequestJson,
  Scope,
} from "../../src/exchanges/exchange.ts";
import type { FeedStatus } from "../../src/feed-status.ts";
import type { Gap, GapReason } from "../../src/gap.ts";
import type { VenueLiquidation } from "../../src/liquidation.ts";
import type { MarketContext } from "../../src/market/market-context.ts";
import { RecentMarks } from "../../src/market/recent-marks.ts";
import { MAX_AHEAD_MS } from "../../src/lateness.ts";
import type { FeedRefill, RefillableStore } from "../../src/refill.ts";
import type { Sink } from "../../src/sink.ts";
import { ExecutionLog } from "./journal/execution-log.ts";
import { FeedCounters } from "./feed-counters.ts";
import { FeedMarks } from "./feed-marks.ts";
import { ObjectMemory } from "../object-memory.ts";
import { FeedSinks } from "./sinks/feed-sinks.ts";
import { FeedSockets } from "./sockets/feed-sockets.ts";
import { FrameLog } from "./journal/frame-log.ts";
import { FrameRecorder } from "./journal/frame-recorder.ts";
import { GapBackfill } from "./journal/gap-backfill.ts";
import { GapLog } from "./journal/gap-log.ts";
import { HubGaps } from "./hub-gaps.ts";
import { HubOffers, type Observe } from "./hub-offers.ts";
import { ImpactLog } from "./journal/impact-log.ts";
import { InstrumentTable } from "./instrument-table.ts";
import { Intake } from "./intake.ts";
import { DEDUPE_MS, Journal, type KnownEvent } from "./journal/journal.ts";
import { type DroppedRows, JournalRoom } from "./journal/journal-room.ts";
import { JournalWriter } from "./journal/journal-writer.ts";
import { MarkLog } from "./journal/mark-log.ts";
import { RejectLog } from "./journal/reject-log.ts";
import { TopicProber } from "./topic-prober.ts";
import type { ListedSymbol } from "../../src/listed-symbol.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";
import { type Log, type LogEntry, writeLog } from "../../src/log.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";

const HOUR_MS = 60 * MINUTE_MS;
/** Maximum wait of a row for the hub's fields; afterwards it is sealed without them. */
const SETTLE_MS = 5_000;
/** The venue is not collected while the object of the generation before is asked. */
const INHERIT_PATIENCE_MS = 10_000;
/** A frame is read within this time of being sent, unless the venue is late. */
const UNREAD_MS = 1_000;

export interface FeedDependencies<Env> {
  readonly env: Env;
  readonly config: Config;
  readonly exchange: Exchange;
  readonly storage: DurableObjectStorage;
  readonly sinks: readonly Sink<Env>[];
  readonly observe: Observe;
  /** Reports the start or end of a gap to the hub; it may fail. */
  readonly noteGap: (gap: Gap) => Promise<void>;
  /** Asks the object of the generation before for what it knows; null where there is none. */
  readonly inherit: (() => Promise<readonly KnownEvent[]>) | null;
  readonly fetch: typeof fetch;
  readonly request: RequestJson;
  readonly now: () => number;
  readonly random: () => number;
}

/** The collector of one venue: sockets → journal → hub → sealed batches → sinks. */
export class Feed<Env> {
  readonly #deps: FeedDependencies<Env>;
  readonly #endpoints: Endpoints;
  readonly #memory: ObjectMemory;
  readonly #journal: Journal;
  readonly #room: JournalRoom;
  readonly #writer: JournalWriter;
  readonly #gaps: GapLog;
  readonly #rejects: RejectLog;
  readonly #executions: ExecutionLog;
  readonly #counters: FeedCounters;
  readonly #frames: FrameLog;
  readonly #recorder: FrameRecorder;
  readonly #instruments: InstrumentTable;
  /** Null where no liquidations of the venue are inferred. */
  readonly #inferrer: Inferrer | null;
  readonly #offers: HubOffers;
  readonly #hubGaps: HubGaps;
  readonly #intake: Intake;
  readonly #backfill: GapBackfill;
  readonly #marks: FeedMarks;
  readonly #impacts: ImpactLog;
  readonly #prober: TopicProber;
  readonly #sinks: FeedSinks<Env>;
  readonly #sockets: FeedSockets;
  readonly #startedTime: number;
  /** Warnings about the configured addresses, for the operator. */
  readonly #warnings: readonly string[];
  #scope: Scope;
  #forgetTime = 0;

  constructor(deps: FeedDependencies<Env>) {
    const { storage, exchange, config, now, request } = deps;
    const { sql } = storage;
    const log: Log = (entry) => this.#log(entry);
    this.#deps = deps;
    this.#startedTime = now();
    const venue = config.venues[exchange.name];
    this.#endpoints = venue.endpoints;
    this.#memory = new ObjectMemory(sql);
    this.#journal = new Journal(storage);
    const recentMarks = new RecentMarks();
    const markLog = new MarkLog(sql, exchange.name);
    this.#impacts = new ImpactLog(sql, this.#journal, recentMarks);
    this.#marks = new FeedMarks(exchange.name, recentMarks, markLog, this.#memory);
    this.#gaps = new GapLog(sql, exchange.name);
    this.#rejects = new RejectLog(sql);
    this.#executions = new ExecutionLog(sql);
    this.#counters = new FeedCounters(this.#journal, this.#memory, this.#startedTime);
    this.#room = new JournalRoom({
      sql,
      journal: this.#journal,
      limitBytes: config.LIQUIDATION_JOURNAL_MAX_MB * 1e6,
      stored: () => this.#sinks.storedBatches,
      lost: (dropped) => this.#dropped(dropped),
      now,
      log,
    });
    this.#writer = new JournalWriter({
      journal: this.#journal,
      room: this.#room,
      gaps: this.#gaps,
      memory: this.#memory,
      now,
      log,
      recovered: () => this.#recovered(),
    });
    const instrumentOf = (name: string) => this.#scope.instruments.get(name);
    this.#frames = new FrameLog(sql);
    this.#recorder = new FrameRecorder(exchange, instrumentOf);
    const refused = ({ reason, text }: Reject) => this.#rejects.add(now(), reason, text);
    this.#inferrer = venue.inferred ? (exchange.createInferrer?.(instrumentOf, refused) ?? null) : null;
    const wanted = { symbols: config.LIQUIDATION_SYMBOLS, inferred: this.#inferrer !== null };
    this.#instruments = new InstrumentTable(exchange, wanted, this.#memory);
    this.#scope = this.#instruments.scope();
    this.#marks.rescope(this.#scope);
    this.#hubGaps = new HubGaps(deps.noteGap, log);
    this.#offers = new HubOffers(this.#journal, deps.observe, log, ({ event_id }, error) =>
      this.#rejects.add(now(), `hub rejected the row: ${error}`, event_id),
    );
    const shared = {
      journal: this.#writer,
      counters: this.#counters,
      offers: this.#offers,
      contexts: () => this.#sockets.contexts(),
      log,
    };
    this.#intake = new Intake(shared, this.#memory.readNumber("last_event_time"));
    this.#prober = new TopicProber(exchange.probe ?? null, this.#memory, log);
    this.#backfill = new GapBackfill({
      sql,
      exchange,
      endpoints: this.#endpoints,
      request,
      now,
      log,
      pollIntervalMs: config.LIQUIDATION_CHECK_INTERVAL * 1_000,
      take: (messages, url, text) => this.#takeBackfill(messages, url, text),
    });
    this.#sinks = new FeedSinks({
      ...deps,
      sql,
      exchange: exchange.name,
      epoch: this.#epoch(),
      journal: this.#journal,
      impacts: this.#impacts,
      gaps: this.#gaps,
      marks: markLog,
      frames: this.#frames,
      rejects: this.#rejects,
      log,
    });
    this.#sockets = new FeedSockets({
      ...deps,
      endpoints: this.#endpoints,
      log,
      messages: (messages, frame, context) => this.#messages(messages, frame, context),
      covered: (receivedTime) => this.#writeGap(receivedTime, () => this.#covered(receivedTime)),
      lost: (lastCoveredTime, reason) => this.#writeGap(lastCoveredTime, () => this.#lost(lastCoveredTime, reason)),
      refused: (reason, text) => this.#rejects.add(now(), reason, text),
      missed: (from, to) => this.#writeGap(from, () => this.#missed(from, to)),
      uncovered: (contracts, time) =>
        this.#guard("contract_gaps", () => {
          for (const gap of this.#gaps.contracts.update(contracts, time)) this.#log({ event: "contract_gap", ...gap });
        }),
    });
    this.#warnings = [exchange.addressWarning?.(this.#endpoints) ?? []].flat();
    for (const warning of this.#warnings) this.#log({ event: "warning", warning });
    this.#repair();
  }

  /**
   * Opens the sockets that are closed. The venue's table is loaded first, but a venue that does not provide it causes
   * little delay.
   */
  async start(): Promise<void> {
    if (this.#sockets.started) return;
    if (this.#deps.inherit !== null) await this.#inherit();
    this.#sockets.start(this.#scope);
    if (this.#instruments.isDue(this.#deps.now())) await this.#refreshInstruments();
  }

  /**
   * A new generation of a venue's object takes over what the one before it knows, so that no row is stored twice. If
   * that object does not respond, the venue is collected all the same, and it is asked again.
   */
  async #inherit(): Promise<void> {
    const { inherit } = this.#deps;
    if (inherit === null || this.#memory.read("inherited") === true) return;
    try {
      const known = await within(INHERIT_PATIENCE_MS, inherit);
      this.#journal.know(known);
      this.#memory.write("inherited", true);
      this.#log({ event: "inherited", events: known.length });
    } catch (error) {
      this.#log({ event: "step_failed", step: "inherit", error: messageOf(error) });
    }
  }

  knownEvents(): readonly KnownEvent[] {
    return this.#journal.knownEvents();
  }

  /** The work of one batch interval: seal, write to the sinks, clean up. Never throws. */
  async beat(): Promise<void> {
    const now = this.#deps.now();
    this.#tick(now);
    this.#guard("remember", () => this.#remember(now));
    this.#guard("seal", () => this.seal(now));
    this.#guard("impacts", () => this.#impacts.finish(now));
    if (this.#instruments.isDue(now)) await this.#refreshInstruments();
    void this.#backfill.run(this.#scope, this.#gaps.open);
    if (this.#sockets.state().state === "live") this.#guard("probe", () => this.#prober.run(now, (frame) => this.#sockets.send(frame)));
    void this.#hubGaps.send();
    void this.#inherit();
    await this.#sinks.carry();
    // Now the stores have what they could take.
    this.#guard("room", () => this.#room.keep());
    if (now >= this.#forgetTime) this.#guard("forget", () => this.#forget(now));
  }

  /**
   * Seals the rows that are ready and writes them to the hot store at once, for a reader that is about to compute sums.
   */
  async flush(): Promise<void> {
    this.#guard("seal", () => this.seal(this.#deps.now()));
    this.#guard("marks", () => this.#marks.noteRunning());
    await this.#sinks.carry("d1");
  }

  /** Seals all rows that are ready, or only batches of at least `minRows`. @returns whether there were any */
  seal(now: number, minRows = 1): boolean {
    const limits = { settledBefore: now - SETTLE_MS, minRows, maxRows: this.#deps.config.LIQUIDATION_BUFFER_SIZE };
    const touching = (from: number, to: number) => this.#gaps.touching(from, to);
    let isSealed = false;
    while (this.#journal.seal(now, limits, touching)) isSealed = true;
    return isSealed;
  }

  /** Whether every row is in every active sink. */
  get drained(): boolean {
    return this.#journal.unsealed === 0 && this.#sinks.drained;
  }

  tick(): void {
    const now = this.#deps.now();
    this.#writer.tick();
    this.#tick(now);
    // Here as well: a beat may wait for slow sinks, but the marks in memory must not.
    this.#guard("impacts", () => this.#impacts.finish(now));
    this.#guard("seal", () => this.#sealFullBatches(now));
  }

  #tick(now: number): void {
    this.#guard("clock", () => {
      for (const gap of this.#gaps.noteClock(now)) this.#hubGaps.push(gap);
    });
    this.#guard("tick", () => this.#sockets.tick(now));
  }

  /** Another object takes over within a minute of the watchdog. From then on, missing data here is not a gap. */
  retire(): void {
    this.#sinks.retire();
    const end = this.#deps.now() + MINUTE_MS;
    this.#gaps.contracts.update(new Map(), end);
    const gap = this.#gaps.end(end);
    if (gap !== null) this.#hubGaps.push(gap);
  }

  latestRejects(limit: number): readonly { time: number; reason: string; text: string }[] {
    return this.#rejects.latest(limit);
  }

  /**
   * Sends a store again every row with an event time from `start` (ms) on that the journal still has.
   * @returns null where the store is off
   */
  async refill(store: RefillableStore, start: number): Promise<FeedRefill | null> {
    // A row is sealed after its event, as far as the clock of the venue may be ahead of ours.
    const sent = await this.#sinks.refill(store, start - MAX_AHEAD_MS);
    if (sent === null) return null;
    const completeFrom = this.#journal.completeFrom;
    const journalFrom = completeFrom === null ? this.#journal.hours.countedFrom : Math.min(completeFrom + MAX_AHEAD_MS, this.#deps.now());
    this.#log({ event: "refill", sink: store, start, ...sent });
    return { exchange: this.#deps.exchange.name, ...sent, journal_from_time: journalFrom };
  }

  /** @param date a UTC date, YYYY-MM-DD */
  countsOfDay(date: string): DayCounts {
    const start = Date.parse(date);
    const day = { start, end: start + DAY_MS };
    const { hours } = this.#journal;
    return {
      exchange: this.#deps.exchange.name,
      date,
      ...hours.sealed(day),
      stores: hours.stored(day),
      counted_from_time: hours.countedFrom,
    };
  }

  /** The raw frame of a liquidation as JSON; null where the journal does not have it. */
  frameOf(eventId: string): string | null {
    return this.#frames.frameOf(eventId);
  }

  status(): FeedStatus {
    const { exchange, now } = this.#deps;
    // An object that was paused is asked before its next tick, and must not call a silent socket live.
    this.#tick(now());
    const today = this.#counters.today(now());
    const { counts } = this.#counters;
    const executions = this.#executions.counts();
    const sockets = this.#sockets.status();
    const state = this.#state();
    return {
      exchange: exchange.name,
      ...state,
      coverage: exchange.coverage,
      inferred: this.#inferrer !== null,
      warnings: this.#allWarnings(sockets.length),
      sockets,
      last_frame_time: latest(sockets.map((socket) => socket.last_frame_time)),
      last_event_time: this.#intake.lastEventTime,
      events_total: this.#journal.total,
      inferred_total: counts.inferred,
      events_today: today.events,
      duplicates: counts.duplicates,
      skipped: counts.skipped,
      executions: executions.executions,
      executions_unmatched: executions.unmatched,
      too_old: counts.too_old,
      events_lost: counts.lost,
      rejects: this.#rejects.count,
      reconnects: counts.reconnects,
      gaps_total: this.#gaps.count,
      open_gap: this.#openGap(),
      unsealed_rows: this.#journal.unsealed,
      journal_rows: this.#journal.rows,
      journal_bytes: this.#room.bytes,
      journal_bytes_max: this.#deps.config.LIQUIDATION_JOURNAL_MAX_MB * 1e6,
      storage_error: this.#writer.fault?.error ?? null,
      sinks: this.#sinks.status(),
      raw_frames: this.#sinks.rawFrames(),
      symbols: today.symbols,
      instruments: this.#instruments.status(),
      liquidation_topic_found: this.#prober.found,
    };
  }

  /** The base assets of the venue's own table; null while only the built-in contracts are known. */
  listed(): readonly ListedSymbol[] | null {
    return this.#instruments.listed();
  }

  /** A batch that is full does not wait for the end of its interval. */
  #sealFullBatches(now: number): void {
    const size = this.#deps.config.LIQUIDATION_BUFFER_SIZE;
    if (this.#journal.unsealed < size || !this.seal(now, size)) return;
    this.#sinks.carry().catch((error: unknown) => this.#log({ event: "step_failed", step: "carry", error: messageOf(error) }));
  }

  /** A message that fails costs none of those after it. */
  #messages(messages: readonly FeedMessage[], frame: ReceivedFrame, context: MarketContext): void {
    const { receivedTime } = frame;
    let text: string | null = null;
    this.#guard("record", () => {
      if (this.#sinks.keepsFrames) text = this.#recorder.record(messages, frame, "stream");
    });
    for (const message of messages) {
      this.#guard(message.kind, () => {
        if (this.#message(message, receivedTime, context, text)) text = null;
      });
      this.#guard("infer", () => {
        // Its trades came in many frames before, which are not kept.
        for (const liquidation of this.#inferrer?.observe(message, receivedTime) ?? []) this.#take(liquidation, receivedTime, null);
      });
    }
  }

  /** @returns whether a liquidation was journaled with the text of its frame */
  #message(message: FeedMessage, receivedTime: number, context: MarketContext, text: string | null): boolean {
    switch (message.kind) {
      case "liquidation":
        return this.#take(message.liquidation, receivedTime, text);
      case "mark":
        this.#marks.add(message, receivedTime);
        context.apply(message, receivedTime);
        break;
      case "execution":
        this.#executions.add(message);
        break;
      case "skipped":
        this.#counters.raise("skipped");
        break;
      case "reject":
        this.#rejects.add(receivedTime, message.reason, message.text);
        break;
      case "error":
        this.#log({ event: "venue_error", message: message.message });
        break;
      case "refused":
        this.#log({ event: "venue_error", message: message.reason, request: message.request });
        break;
      case "subscribed":
        this.#prober.confirmed(message.topic);
        break;
      default:
        context.apply(message, receivedTime);
    }
    return false;
  }

  /**
   * A liquidation that cannot be stored is counted, and the time from it on is a gap.
   * @returns whether it is new and was journaled
   */
  #take(liquidation: VenueLiquidation, receivedTime: number, text: string | null): boolean {
    try {
      return this.#intake.take(liquidation, receivedTime, "stream", text);
    } catch (error) {
      this.#counters.raise("lost");
      this.#storageFailed(liquidation.event_time, error);
      return false;
    }
  }

  #takeBackfill(messages: readonly FeedMessage[], url: string, body: string): void {
    const receivedTime = this.#deps.now();
    const frame = { text: body, receivedTime, socket: "rest", connection: url };
    let text = this.#sinks.keepsFrames ? this.#recorder.record(messages, frame, "backfill") : null;
    for (const message of messages) {
      if (message.kind === "liquidation" && this.#intake.take(message.liquidation, receivedTime, "backfill", text)) {
        text = null;
        this.#gaps.filled(message.liquidation.event_time);
      }
      if (message.kind === "execution") this.#executions.add(message);
      if (message.kind === "reject") this.#rejects.add(receivedTime, message.reason, message.text);
    }
  }

  /** A gap that cannot be stored is kept as one of the storage. */
  #writeGap(fromTime: number, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#storageFailed(fromTime, error);
    }
  }

  #storageFailed(fromTime: number, error: unknown): void {
    const isNew = this.#writer.fault === null;
    this.#writer.lost(fromTime, error);
    const open = this.#openGap();
    if (isNew && open !== null) this.#hubGaps.push(open);
  }

  /** The storage accepts writes again; where the venue was connected all the time, its gap is over. */
  #recovered(): void {
    if (this.#sockets.state().state === "live") this.#covered(this.#deps.now());
  }

  /** No store has these rows. */
  #dropped({ rows, firstEventTime, lastEventTime }: DroppedRows): void {
    this.#counters.raise("lost", rows);
    const gap = this.#gaps.add(firstEventTime, lastEventTime + 1, "storage_failed");
    if (gap !== null) this.#hubGaps.push(gap);
  }

  #state(): Pick<FeedStatus, "state" | "since"> {
    const state = this.#sockets.state();
    const { fault } = this.#writer;
    return fault !== null && state.state === "live" ? { state: "degraded", since: fault.since } : state;
  }

  /** Also one that the storage has no room for. */
  #openGap(): Gap | null {
    const { fault } = this.#writer;
    const { open } = this.#gaps;
    if (open !== null || fault === null) return open;
    return { exchange: this.#deps.exchange.name, from_time: fault.gapFrom, to_time: null, reason: "storage_failed" };
  }

  #covered(receivedTime: number): void {
    // What arrives cannot be stored, so nothing is covered yet.
    if (this.#writer.fault !== null) return;
    const gap = this.#gaps.end(receivedTime);
    if (gap === null) return;
    this.#log({ event: "gap_ended", ...gap });
    if (gap.reason === "not_started") return;
    this.#intake.gapEnded(gap.to_time - gap.from_time);
    this.#hubGaps.push(gap);
    this.#backfill.plan(gap.from_time, gap.to_time);
  }

  #lost(lastCoveredTime: number, reason: GapReason): void {
    this.#counters.raise("reconnects");
    this.#gaps.start(lastCoveredTime, reason);
    const { open } = this.#gaps;
    if (open !== null) this.#hubGaps.push(open);
    this.#log({ event: "gap_open", ...open });
  }

  #missed(from: number, to: number): void {
    const gap = this.#gaps.add(from, to, "disconnected");
    if (gap === null) return;
    this.#log({ event: "gap_found", ...gap });
    this.#hubGaps.push(gap);
    this.#backfill.plan(gap.from_time, gap.to_time);
  }

  /**
   * After a restart of the object: the time since it was last connected to the venue is a gap, and open rows continue.
   * Frames that were sent but not yet read are lost, so the gap begins at the venue's time of the last event, or a
   * second before the receipt of the last mark price.
   */
  #repair(): void {
    const marked = this.#memory.readNumber("heard_time") ?? 0;
    const covered = Math.max(marked - UNREAD_MS, this.#journal.lastEventTime() ?? 0);
    if (covered > 0) this.#writeGap(covered, () => this.#gaps.start(covered, "restarted"));
    for (const offer of this.#journal.unsettled()) this.#offers.push(offer);
  }

  #remember(now: number): void {
    const covered = this.#sockets.lastCoveredTime();
    if (covered !== null) this.#memory.write("heard_time", covered);
    if (this.#intake.lastEventTime !== null) this.#memory.write("last_event_time", this.#intake.lastEventTime);
    this.#marks.save(now);
    this.#counters.save();
    for (const context of this.#sockets.contexts()) {
      for (const fault of context.takeFaults()) this.#log({ event: "market_fault", ...fault });
    }
  }

  #allWarnings(socketCount: number): readonly string[] {
    const { title } = this.#deps.exchange;
    const unwatched = this.#sockets.started && socketCount === 0;
    return [
      ...this.#warnings,
      ...[this.#instruments.warning, this.#room.warning].filter((warning) => warning !== null),
      ...this.#sinks.warnings(),
      ...(unwatched ? [`${title} lists no trading contract of the configured symbols, so no socket is open and its time is a gap.`] : []),
    ];
  }

  async #refreshInstruments(): Promise<void> {
    const { request, now } = this.#deps;
    const isNew = await this.#instruments.refresh(request, this.#endpoints, now(), (entry) => this.#log(entry));
    if (!isNew) return;
    this.#scope = this.#instruments.scope();
    this.#marks.rescope(this.#scope);
    this.#sockets.rescope(this.#scope);
  }

  #forget(now: number): void {
    if (this.#journal.forget(this.#sinks.storedBatch, now - DEDUPE_MS - HOUR_MS)) return;
    this.#impacts.forget(this.#sinks.acknowledgedImpact, now - DEDUPE_MS - HOUR_MS);
    this.#executions.forget(now);
    this.#journal.hours.forget(now);
    this.#journal.forgetReleased(now - DEDUPE_MS - HOUR_MS);
    this.#forgetTime = now + HOUR_MS;
  }

  /** The time the journal began, ms: a part of every batch name. */
  #epoch(): number {
    const known = this.#memory.readNumber("epoch");
    if (known !== null) return known;
    this.#memory.write("epoch", this.#startedTime);
    return this.#startedTime;
  }

  #guard(step: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#log({ event: "step_failed", step, error: messageOf(error) });
    }
  }

  #log(entry: LogEntry): void {
    writeLog("info", { exchange: this.#deps.exchange.name, ...entry });
  }
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}
