import { AdlTracker } from "../../src/adl/adl-tracker.ts";
import type { Config } from "../../src/config.ts";
import type { DayCounts } from "../../src/day-counts.ts";
import type { Endpoints, Exchange, Reject, RequestJson, Scope } from "../../src/exchanges/exchange.ts";
import type { FeedStatus } from "../../src/feed-status.ts";
import type { Gap } from "../../src/gap.ts";
import type { MarketContext } from "../../src/market/market-context.ts";
import { RecentMarks } from "../../src/market/recent-marks.ts";
import { MAX_AHEAD_MS } from "../../src/lateness.ts";
import type { FeedRefill, RefillableStore } from "../../src/refill.ts";
import type { Sink } from "../../src/sink.ts";
import type { FeedReport, FeedReportAnswer } from "../../src/stream/feed-report.ts";
import { BeatMemory } from "./beat-memory.ts";
import { ExecutionLog } from "./journal/execution-log.ts";
import { FeedCounters } from "./feed-counters.ts";
import { FeedGaps } from "./feed-gaps.ts";
import { FeedMessages } from "./feed-messages.ts";
import { FeedMarks } from "./feed-marks.ts";
import { FeedReports } from "./feed-reports.ts";
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
import { readLastCoveredTime, writeLastCoveredTime } from "./last-covered-time.ts";
import { DEDUPE_MS, Journal } from "./journal/journal.ts";
import type { KnownEvent } from "./journal/known-ids.ts";
import { JournalRoom } from "./journal/journal-room.ts";
import { JournalWriter } from "./journal/journal-writer.ts";
import { MarkLog } from "./journal/mark-log.ts";
import { MarketPoller } from "./market-poller.ts";
import { RejectLog } from "./journal/reject-log.ts";
import { VenueStorage } from "./venue-storage.ts";
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

export interface FeedDependencies<Env> {
  readonly env: Env;
  readonly config: Config;
  readonly exchange: Exchange;
  readonly storage: DurableObjectStorage;
  /** Of the names of the venue's tables, where another venue's have none; empty by default. */
  readonly tablePrefix?: string;
  readonly sinks: readonly Sink<Env>[];
  readonly observe: Observe;
  /** Reports the start or end of a gap to the hub; it may fail. */
  readonly noteGap: (gap: Gap) => Promise<void>;
  /** Tells the hub how the feed is; it may fail. */
  readonly report: (report: FeedReport) => Promise<FeedReportAnswer>;
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
  readonly #beatMemory: BeatMemory;
  readonly #journal: Journal;
  readonly #room: JournalRoom;
  readonly #writer: JournalWriter;
  readonly #gapLog: GapLog;
  readonly #rejects: RejectLog;
  readonly #executions: ExecutionLog;
  readonly #counters: FeedCounters;
  readonly #frames: FrameLog;
  readonly #instruments: InstrumentTable;
  readonly #offers: HubOffers;
  readonly #hubGaps: HubGaps;
  readonly #intake: Intake;
  readonly #backfill: GapBackfill;
  readonly #gaps: FeedGaps;
  readonly #messages: FeedMessages;
  readonly #marks: FeedMarks;
  /** Null where the venue publishes nothing of its auto-deleveraging. */
  readonly #adl: AdlTracker | null;
  readonly #impacts: ImpactLog;
  readonly #sinks: FeedSinks<Env>;
  readonly #sockets: FeedSockets;
  readonly #poller: MarketPoller;
  readonly #reports: FeedReports;
  /** Whether liquidations of the venue are inferred. */
  readonly #inferred: boolean;
  readonly #startedTime: number;
  /** Warnings about the configured addresses, for the operator. */
  readonly #warnings: readonly string[];
  #scope: Scope;
  #forgetTime = 0;

  constructor(deps: FeedDependencies<Env>) {
    const { exchange, config, now, request } = deps;
    const storage = new VenueStorage(deps.storage, deps.tablePrefix);
    const { sql } = storage;
    const log: Log = (entry) => this.#log(entry);
    this.#deps = deps;
    this.#startedTime = now();
    const venue = config.venues[exchange.name];
    this.#endpoints = venue.endpoints;
    this.#memory = new ObjectMemory(sql, "{memory}");
    this.#beatMemory = new BeatMemory(this.#memory);
    this.#journal = new Journal(storage);
    const recentMarks = new RecentMarks();
    const markLog = new MarkLog(sql, exchange.name);
    this.#impacts = new ImpactLog(sql, this.#journal, recentMarks);
    this.#marks = new FeedMarks(exchange.name, recentMarks, markLog, this.#beatMemory);
    this.#gapLog = new GapLog(sql, exchange.name);
    this.#rejects = new RejectLog(sql);
    this.#executions = new ExecutionLog(sql, this.#journal);
    this.#counters = new FeedCounters(this.#journal, this.#beatMemory, this.#startedTime);
    // A full storage must not keep a feed from starting: it would not make room.
    this.#guard("sums", () => this.#beatMemory.save());
    this.#room = new JournalRoom({
      sql,
      journal: this.#journal,
      limitBytes: config.LIQUIDATION_JOURNAL_MAX_MB * 1e6,
      stored: () => this.#sinks.storedBatches,
      lost: (dropped) => this.#gaps.dropped(dropped),
      now,
      log,
    });
    this.#writer = new JournalWriter({
      journal: this.#journal,
      room: this.#room,
      gaps: this.#gapLog,
      memory: this.#memory,
      now,
      log,
      recovered: () => this.#gaps.recovered(),
    });
    const instrumentOf = (name: string) => this.#scope.instruments.get(name);
    this.#adl = exchange.adlSource === undefined ? null : new AdlTracker(exchange.adlSource, instrumentOf);
    this.#adl?.restore(this.#beatMemory.read("adl"));
    this.#frames = new FrameLog(sql, this.#journal);
    const refused = ({ reason, text }: Reject) => this.#rejects.add(now(), reason, text);
    const inferrer = venue.inferred ? (exchange.createInferrer?.(instrumentOf, refused) ?? null) : null;
    this.#inferred = inferrer !== null;
    const wanted = { symbols: config.LIQUIDATION_SYMBOLS, inferred: this.#inferred };
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
      contexts: () => this.#contexts(),
      log,
    };
    this.#intake = new Intake(shared, this.#beatMemory.readNumber("last_event_time"));
    this.#backfill = new GapBackfill({
      sql,
      exchange,
      endpoints: this.#endpoints,
      request,
      now,
      log,
      pollIntervalMs: config.LIQUIDATION_CHECK_INTERVAL * 1_000,
      take: (messages, url, text) => this.#messages.backfill(messages, { text, receivedTime: now(), socket: "rest", connection: url }),
    });
    this.#gaps = new FeedGaps({
      exchange,
      log,
      now,
      gaps: this.#gapLog,
      hub: this.#hubGaps,
      backfill: this.#backfill,
      writer: this.#writer,
      intake: this.#intake,
      counters: this.#counters,
      socketState: () => this.#sockets.state().state,
    });
    this.#messages = new FeedMessages({
      intake: this.#intake,
      recorder: new FrameRecorder(exchange, instrumentOf),
      keepsFrames: () => this.#sinks.keepsFrames,
      inferrer,
      marks: this.#marks,
      adl: this.#adl,
      contexts: () => this.#contexts(),
      executions: this.#executions,
      counters: this.#counters,
      rejects: this.#rejects,
      storageFailed: (eventTime, error) => this.#gaps.storageFailed(eventTime, error),
      delivered: (receivedTime) => this.#gaps.delivered(receivedTime),
      filled: (eventTime) => this.#gapLog.filled(eventTime),
      guard: (step, run) => this.#guard(step, run),
      log,
    });
    this.#sinks = new FeedSinks({
      ...deps,
      sql,
      exchange: exchange.name,
      epoch: this.#epoch(),
      journal: this.#journal,
      impacts: this.#impacts,
      gaps: this.#gapLog,
      marks: markLog,
      frames: this.#frames,
      rejects: this.#rejects,
      log,
    });
    this.#sockets = new FeedSockets({
      ...deps,
      endpoints: this.#endpoints,
      log,
      messages: (messages, frame, context) => this.#messages.stream(messages, frame, context),
      covered: (receivedTime) => this.#gaps.covered(receivedTime),
      lost: (lastCoveredTime, reason) => this.#gaps.lost(lastCoveredTime, reason),
      refused: (reason, text) => this.#rejects.add(now(), reason, text),
      missed: (from, to) => this.#gaps.missed(from, to),
      uncovered: (contracts, time) => this.#guard("contract_gaps", () => this.#gaps.uncovered(contracts, time)),
    });
    this.#poller = new MarketPoller({ exchange, endpoints: this.#endpoints, fetch: deps.fetch, now, log });
    this.#reports = new FeedReports({
      adl: this.#adl,
      now,
      send: deps.report,
      facts: () => {
        const { name, coverage } = exchange;
        return { exchange: name, coverage, inferred: this.#inferred, open_gap: this.#gaps.open, ...this.#state() };
      },
      status: () => this.status(),
      listed: () => this.listed(),
      coveredTime: () => this.#sockets.lastCoveredTime(),
      oldestOffered: () => this.#offers.oldestReceived,
      log,
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
    this.#poller.rescope(this.#scope);
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
    void this.#backfill.run(this.#scope, this.#gapLog.open);
    void this.#hubGaps.send();
    void this.#reports.send();
    void this.#inherit();
    await this.#sinks.carry();
    // Now the stores have what they could take.
    this.#guard("room", () => this.#room.keep());
    if (now >= this.#forgetTime) this.#guard("forget", () => this.#forget(now));
  }

  /**
   * Seals the rows that are ready and writes them to the hot store at once, for a reader that is about to compute sums.
   * @param symbols the base assets whose running minute of the mark price is written too; null for all
   */
  async flush(symbols: readonly string[] | null = null): Promise<void> {
    this.#guard("seal", () => this.seal(this.#deps.now()));
    this.#guard("marks", () => this.#sinks.noteRunning(this.#marks.running(symbols)));
    await this.#sinks.carry("d1");
  }

  /** Seals all rows that are ready, or only batches of at least `minRows`. @returns whether there were any */
  seal(now: number, minRows = 1): boolean {
    // After a restart the rows from before it are offered to the hub again, and wait as long as new ones.
    const isFresh = now >= this.#startedTime && now - this.#startedTime < SETTLE_MS;
    const settledBefore = isFresh ? -Infinity : now - SETTLE_MS;
    const limits = { settledBefore, minRows, maxRows: this.#deps.config.LIQUIDATION_BUFFER_SIZE };
    const touching = (from: number, to: number) => this.#gapLog.touching(from, to);
    let isSealed = false;
    while (this.#writer.withRoom(() => this.#journal.seal(now, limits, touching))) isSealed = true;
    return isSealed;
  }

  /** Whether every row is in every active sink, and nothing is left to read from the venue's history. */
  get drained(): boolean {
    return this.#journal.unsealed === 0 && this.#sinks.drained && this.#backfill.isDone;
  }

  /** What the storage said when it refused to write; null while it accepts writes. */
  get storageError(): string | null {
    return this.#gaps.fault?.error ?? null;
  }

  tick(): void {
    const now = this.#deps.now();
    this.#writer.tick();
    this.#tick(now);
    // Here as well: a beat may wait for slow sinks, but the marks in memory must not.
    this.#guard("impacts", () => this.#impacts.finish(now));
    this.#guard("seal", () => this.#sealFullBatches(now));
    this.#guard("adl", () => this.#adl?.tick(now));
    this.#guard("report", () => this.#reports.tick());
  }

  #tick(now: number): void {
    this.#guard("clock", () => this.#gaps.noteClock(now));
    this.#guard("tick", () => this.#sockets.tick(now));
    if (this.#sockets.started) this.#guard("poll", () => this.#poller.run(now));
  }

  /** Another object takes over within a minute of the watchdog. From then on, missing data here is not a gap. */
  retire(): void {
    this.#memory.write("inherited", false);
    this.#sinks.retire();
    this.#gaps.retire();
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

  /**
   * The venue's silence since this time, ms, is not explained by the others: until it delivers again it is a gap.
   * @param delivered number of liquidations that it had delivered when that was found; with more by now, the silence is over
   */
  suspect(since: number, delivered: number): void {
    if (this.#counters.counts.delivered === delivered) this.#gaps.suspect(since);
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
      inferred: this.#inferred,
      warnings: this.#allWarnings(sockets.length),
      sockets,
      polls: this.#poller.status(),
      last_frame_time: latest(sockets.map((socket) => socket.last_frame_time)),
      last_event_time: this.#intake.lastEventTime,
      events_total: this.#journal.total,
      inferred_total: counts.inferred,
      events_today: today.events,
      delivered_total: counts.delivered,
      delivered_symbols: this.#counters.deliveredOf(this.#listedSymbols()),
      duplicates: counts.duplicates,
      skipped: counts.skipped,
      executions: executions.executions,
      executions_unmatched: executions.unmatched,
      too_old: counts.too_old,
      events_lost: counts.lost,
      rejects: this.#rejects.count,
      reconnects: counts.reconnects,
      gaps_total: this.#gapLog.count,
      open_gap: this.#gaps.open,
      ...this.#backfill.status(),
      unsealed_rows: this.#journal.unsealed,
      journal_rows: this.#journal.rows,
      journal_bytes: this.#room.bytes,
      journal_bytes_max: this.#deps.config.LIQUIDATION_JOURNAL_MAX_MB * 1e6,
      storage_error: this.storageError,
      sinks: this.#sinks.status(),
      raw_frames: this.#sinks.rawFrames(),
      symbols: today.symbols,
      instruments: this.#instruments.status(),
      adl_state: this.#adl?.status(now()) ?? null,
    };
  }

  /** The base assets of the venue's own table; null while only the built-in contracts are known. */
  listed(): readonly ListedSymbol[] | null {
    return this.#instruments.listed();
  }

  #listedSymbols(): ReadonlySet<string> | null {
    const listed = this.#instruments.listed();
    return listed === null ? null : new Set(listed.filter(({ trading }) => trading.length > 0).map(({ symbol }) => symbol));
  }

  /** A batch that is full does not wait for the end of its interval. */
  #sealFullBatches(now: number): void {
    const size = this.#deps.config.LIQUIDATION_BUFFER_SIZE;
    if (this.#journal.unsealed < size || !this.seal(now, size)) return;
    this.#sinks.carry().catch((error: unknown) => this.#log({ event: "step_failed", step: "carry", error: messageOf(error) }));
  }

  /** After a restart of the object, open rows continue. */
  #repair(): void {
    this.#gaps.restarted(readLastCoveredTime(this.#beatMemory), this.#journal.lastEventTime());
    for (const offer of this.#journal.unsettled()) this.#offers.push(offer);
  }

  /** The market as seen by every running session and by the requests. */
  #contexts(): readonly MarketContext[] {
    return [...this.#sockets.contexts(), this.#poller.context];
  }

  #state(): Pick<FeedStatus, "state" | "since"> {
    const state = this.#sockets.state();
    const { fault } = this.#gaps;
    return fault !== null && state.state === "live" ? { state: "degraded", since: fault.since } : state;
  }

  #remember(now: number): void {
    const covered = this.#sockets.provenTime();
    if (covered !== null) writeLastCoveredTime(this.#beatMemory, covered);
    if (this.#intake.lastEventTime !== null) this.#beatMemory.write("last_event_time", this.#intake.lastEventTime);
    // Minute marks take room; what a full storage refuses of them must not keep the last connected time from being saved.
    this.#guard("minute_marks", () => this.#marks.save(now));
    if (this.#adl !== null) this.#beatMemory.write("adl", this.#adl.snapshot());
    this.#counters.save();
    this.#beatMemory.save();
    for (const context of this.#contexts()) {
      for (const fault of context.takeFaults()) this.#log({ event: "market_fault", ...fault });
    }
  }

  #allWarnings(socketCount: number): readonly string[] {
    const { title } = this.#deps.exchange;
    const unwatched = this.#sockets.started && socketCount === 0;
    return [
      ...this.#warnings,
      ...[this.#instruments.warning, this.#room.warning].filter((warning) => warning !== null),
      ...this.#backfill.warnings(),
      ...this.#sinks.warnings(),
      ...this.#poller.warnings(),
      ...(unwatched ? [`${title} lists no trading contract of the configured symbols, so no socket is open and its time is a gap.`] : []),
    ];
  }

  async #refreshInstruments(): Promise<void> {
    const { request, now } = this.#deps;
    const isNew = await this.#instruments.refresh(request, this.#endpoints, now(), (entry) => this.#log(entry));
    if (!isNew) return;
    this.#scope = this.#instruments.scope();
    this.#marks.rescope(this.#scope);
    this.#poller.rescope(this.#scope);
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
