import { DurableObject } from "cloudflare:workers";
import { AdlHistory } from "../../src/adl/adl-history.ts";
import { CASCADE_CONSTANTS } from "../../src/cascade/cascade-record.ts";
import { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";
import { UNKNOWN_CROSS_VENUE_FIELDS } from "../../src/cascade/cross-venue-fields.ts";
import { CrossVenueState, HORIZON_MS } from "../../src/cascade/cross-venue-state.ts";
import type { ForecastModelFile } from "../../src/cascade-forecast/forecast-model-file.ts";
import type { GradedDay } from "../../src/cascade-forecast/graded-day.ts";
import type { CurrentForecasts } from "../../src/cascade-forecast/live-forecasts.ts";
import type { Gap } from "../../src/gap.ts";
import type { CrossVenueFields, ExchangeName, Liquidation } from "../../src/liquidation.ts";
import type { FollowedFlush } from "../../src/signals/open-flush.ts";
import { type JudgeRequest, SpikeWatch, type SpikeWatchRule, isEmpty } from "../../src/signals/spike-watch.ts";
import type { PublishOutcome, WebhookEvent } from "../../src/webhooks/event.ts";
import type { UsdByAsset } from "../../src/webhooks/min-usd.ts";
import { AdlWarnings } from "./adl-warnings.ts";
import { CascadeOutbox } from "./cascade-outbox.ts";
import { CascadePublisher } from "./cascade-publisher.ts";
import { ObjectMemory } from "../object-memory.ts";
import { SelfRestart } from "../self-restart.ts";
import { usageTally } from "../usage-tally.ts";
import { migrateStorage } from "../storage-schema.ts";
import { CronWatch } from "./cron-watch.ts";
import { type EventTimes, HubBaselines } from "./hub-baselines.ts";
import { HubCoverage } from "./hub-coverage.ts";
import { HubForecasts } from "./hub-forecasts.ts";
import { HubHistory } from "./hub-history.ts";
import { HUB_SCHEMA } from "./hub-schema.ts";
import type { BoardVenue } from "./feed-board.ts";
import { HubStream } from "./hub-stream.ts";
import { LargeLiquidations, type NotedLiquidation } from "./large-liquidations.ts";
import { HubRules } from "./hub-rules.ts";
import type { RuleOutboxDependencies } from "./rule-outbox.ts";
import type { DueDelivery, LiveRule } from "../../src/rules/live-rule.ts";
import type { MinuteSum } from "../../src/rules/minute-sums.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import type { FeedReport, FeedReportAnswer } from "../../src/stream/feed-report.ts";
import type { NewEntry } from "../../src/stream/log-entry.ts";
import type { LogPage, PushAnswer, RelayPush, RelayStats, StreamPicture } from "../../src/stream/relay-protocol.ts";
import { symbolTotals } from "../../src/stream/symbol-totals.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { VenueWeights } from "../../src/windows/venue-weights.ts";

const BEAT_MS = 10_000;
/** The velocity of a minute is that of this time before it, ms: it weighs what is older little. */
const SAMPLED_MS = 2 * MINUTE_MS;
/** A venue that was connected for less of the last 24 h is not part of the Hawkes fits. */
const MIN_FITTED_SHARE = 0.5;
/**
 * Time between two writes of observations, many events in one; those after the last write wait for the alarm. No timer waits
 * for it: a timer would keep the object awake, and billed, while nothing happens.
 */
const SAVE_EVERY_MS = 5_000;
/** The dependencies of the hub, except the platform's: passed in by the Worker that exports the class. */
export interface HubDependencies<Env> {
  lagResolutionMs(exchange: ExchangeName): number;
  /** Stores the latest record of each cascade, except those that the store refuses for good. May throw: it is called again. */
  saveCascades(env: Env, records: readonly CascadeRecord[]): Promise<void>;
  /**
   * Publishes a transition; it is called again with the same transition unless that succeeded.
   * @param time when the hub noticed the transition, ms
   */
  publish(env: Env, transition: CascadeTransition, time: number): Promise<PublishOutcome>;
  /** Queues liquidations for the webhook endpoints that want them; it is called again with the same ones unless that succeeded. */
  publishLarge(env: Env, noted: readonly NotedLiquidation[]): Promise<PublishOutcome>;
  /** Notes liquidations that could not be published and are given up. */
  addLargeDeadLetters(env: Env, noted: readonly NotedLiquidation[], reason: string): Promise<void>;
  /** Stores what the isolate used of the platform, now and then. Never throws. */
  storeUsage(env: Env): Promise<void>;
  /** Notes a warning that could not be published and is given up. */
  addAdlDeadLetter(env: Env, event: WebhookEvent, reason: string): Promise<void>;
  /** Queues an event for the webhook endpoints that want it: that the cron stopped or runs again, or a warning. */
  publishEvent(env: Env, event: WebhookEvent): Promise<PublishOutcome>;
  /** Notes a transition that could not be published and is given up. */
  addDeadLetter(env: Env, transition: CascadeTransition, time: number, reason: string): Promise<void>;
  /** How much the coverage of each venue counts at a time, ms. */
  venueWeights(env: Env, time: number): Promise<VenueWeights>;
  /** The venues that report every liquidation. */
  completeVenues(env: Env): readonly ExchangeName[];
  /** Their events of the last 24 h, as far as the hot store has them. */
  eventTimes(env: Env, ...of: Parameters<EventTimes>): ReturnType<EventTimes>;
  spikeWatchRule(env: Env): SpikeWatchRule;
  /** The installed model that forecasts cascades; null where none may. */
  readForecastModel(env: Env): Promise<ForecastModelFile | null>;
  /** Stores graded days of forecasts, each in place of the one of before. May throw: they are stored again. */
  saveForecastDays(env: Env, days: readonly GradedDay[]): Promise<void>;
  /**
   * Applies the spike rule at once. May throw: the run of the minute applies it again.
   * @returns the flushes to follow from now on, null for those that are open no longer
   */
  judgeAtOnce(env: Env, request: JudgeRequest): Promise<ReadonlyMap<string, FollowedFlush | null>>;
  /** The configured venues. */
  streamVenues(env: Env): readonly BoardVenue[];
  /** Sends frames to a relay. May throw: they are sent again. */
  pushToRelay(env: Env, relay: string, push: RelayPush): Promise<PushAnswer>;
  relayStats(env: Env, relay: string): Promise<RelayStats>;
  /** The enabled rules whose owners may have them. */
  readRules(env: Env): Promise<readonly LiveRule[]>;
  /** The liquidations of a base asset by minute, as far as the hot store has them. */
  readMinutes(env: Env, symbol: string, range: TimeRange): Promise<readonly MinuteSum[]>;
  logRules(env: Env, ...happenings: Parameters<RuleOutboxDependencies["log"]>): Promise<void>;
  publishRule(env: Env, delivery: DueDelivery): Promise<PublishOutcome>;
  /** Notes what happened to a rule, could not be published and is given up. */
  addRuleDeadLetter(env: Env, delivery: DueDelivery, reason: string): Promise<void>;
}

/**
 * The object where all venues meet: it answers each liquidation with its fields over all venues, follows cascades, and has
 * bursts and turning flushes judged at once.
 */
export class MarketHubObject<Env> extends DurableObject<Env> {
  readonly #deps: HubDependencies<Env>;
  readonly #memory: ObjectMemory;
  readonly #restart: SelfRestart;
  readonly #history: HubHistory;
  readonly #outbox: CascadeOutbox;
  readonly #publisher: CascadePublisher;
  readonly #baselines: HubBaselines;
  readonly #coverage: HubCoverage;
  readonly #forecasts: HubForecasts;
  readonly #cron: CronWatch;
  #beatTime: number | null = null;
  readonly #machine: CascadeMachine;
  readonly #state: CrossVenueState;
  readonly #spikes: SpikeWatch;
  readonly #stream: HubStream;
  readonly #large: LargeLiquidations;
  readonly #adl = new AdlHistory();
  readonly #adlWarnings: AdlWarnings;
  readonly #rules: HubRules;
  #judging: { readonly time: number; readonly timer: ReturnType<typeof setTimeout> } | null = null;
  #weighedTime = 0;
  #savedTime = 0;
  #adlSavedTime = 0;

  constructor(ctx: DurableObjectState, env: Env, deps: HubDependencies<Env>) {
    super(ctx, env);
    this.#deps = deps;
    migrateStorage(ctx.storage, HUB_SCHEMA);
    this.#memory = new ObjectMemory(ctx.storage.sql);
    this.#restart = new SelfRestart({ object: "MarketHub", abort: (reason) => ctx.abort(reason), storage: ctx.storage, now: Date.now });
    this.#history = new HubHistory(ctx.storage.sql);
    this.#outbox = new CascadeOutbox(ctx.storage.sql);
    this.#publisher = new CascadePublisher(this.#outbox, {
      saveCascades: (records) => this.#restart.watch(() => deps.saveCascades(env, records)),
      publish: (transition, time) => deps.publish(env, transition, time),
      addDeadLetter: (transition, time, reason) => deps.addDeadLetter(env, transition, time, reason),
      now: Date.now,
    });
    this.#baselines = new HubBaselines(ctx.storage.sql, this.#collectingSince());
    this.#coverage = new HubCoverage(ctx.storage.sql);
    this.#cron = new CronWatch({
      memory: this.#memory,
      publish: (event) => this.#restart.watch(() => deps.publishEvent(env, event)),
      now: Date.now,
    });
    this.#machine = new CascadeMachine(
      (symbol, side, quantile) => this.#baselines.velocityQuantile(symbol, side, quantile),
      CASCADE_CONSTANTS,
      (symbol, from, to) => this.#adl.during(symbol, from, to),
    );
    this.#forecasts = new HubForecasts({
      machine: this.#machine,
      baselines: this.#baselines,
      memory: this.#memory,
      isCovered: (range) => this.#coverage.isCovered(range),
      readModel: () => deps.readForecastModel(env),
      saveDays: (days) => deps.saveForecastDays(env, days),
    });
    this.#spikes = new SpikeWatch(deps.spikeWatchRule(env));
    this.#state = new CrossVenueState({
      lagResolutionMs: (exchange) => deps.lagResolutionMs(exchange),
      baseline: (symbol, side) => this.#baselines.of(symbol, side),
      cascadeOf: (event, flow, reader) => {
        this.#baselines.noteEvent(event, flow);
        this.#spikes.add(event, Date.now());
        this.#note(this.#machine.observe(event, flow, reader), event.received_time);
        this.#forecasts.observe(event, flow);
        return this.#machine.cascadeOf(event);
      },
    });
    this.#large = new LargeLiquidations({
      sql: ctx.storage.sql,
      memory: this.#memory,
      publish: (noted) => deps.publishLarge(env, noted),
      addDeadLetters: (noted, reason) => deps.addLargeDeadLetters(env, noted, reason),
      now: Date.now,
    });
    this.#adlWarnings = new AdlWarnings({
      memory: this.#memory,
      publish: (event) => this.#restart.watch(() => deps.publishEvent(env, event)),
      addDeadLetter: (event, reason) => deps.addAdlDeadLetter(env, event, reason),
      now: Date.now,
    });
    this.#stream = new HubStream({
      sql: ctx.storage.sql,
      memory: this.#memory,
      venues: deps.streamVenues(env),
      push: (relay, push) => this.#restart.watch(() => deps.pushToRelay(env, relay, push)),
      logged: (entries) => this.#large.note(entries),
      observed: (liquidations) => this.#rules.note(liquidations),
      running: () => this.#machine.running(),
      totals: (now) => symbolTotals(this.#state, now),
      now: Date.now,
    });
    this.#rules = new HubRules({
      sql: ctx.storage.sql,
      memory: this.#memory,
      venues: deps.streamVenues(env).flatMap(({ exchange, counts }) => (counts ? [exchange] : [])),
      since: this.#collectingSince(),
      state: this.#state,
      gaps: this.#coverage.gaps,
      loggedSince: (time) => this.#stream.liquidationsSince(time),
      cascadesSince: (time) => this.#stream.liquidationsSince(time, '"cascade_id":"'),
      readRules: () => deps.readRules(env),
      readMinutes: (symbol, range) => deps.readMinutes(env, symbol, range),
      log: (happenings) => deps.logRules(env, happenings),
      publish: (delivery) => deps.publishRule(env, delivery),
      addDeadLetter: (delivery, reason) => deps.addRuleDeadLetter(env, delivery, reason),
      now: Date.now,
    });
    this.#state.restore(this.#history.load());
    this.#machine.restore(this.#memory.read("cascades"), this.#state);
    this.#adl.restore(this.#memory.read("adl"));
  }

  /**
   * A fault of enrichment silences nothing: what could not be answered is in the stream, with its fields unknown, and the
   * feed sends it again.
   * @returns one answer for each liquidation, in the same order; a repeated liquidation gets the same answer
   */
  async observe(liquidations: readonly Liquidation[]): Promise<readonly CrossVenueFields[]> {
    usageTally.add("object_requests");
    const { answers, fault } = this.#answer(liquidations);
    this.#stream.observed(liquidations, answers);
    if (fault !== null) throw fault;
    this.#armJudging();
    this.#saveNowAndThen();
    await this.#armAlarm();
    return answers;
  }

  /** Reports that a venue is disconnected (`to_time` null) or connected again: cascades list the gaps within them. */
  noteGap(gap: Gap): void {
    this.#machine.noteGap(gap);
    this.#coverage.note(gap);
    this.#rules.noteGap(gap);
    this.#saveNowAndThen();
  }

  /** Reports how a feed is: the stream says up to when the venues are covered, cascades what was published of auto-deleveraging. */
  async noteFeed(report: FeedReport): Promise<FeedReportAnswer> {
    this.#noteAdl(report);
    const answer = this.#stream.noteFeed(report);
    await this.#armAlarm();
    return answer;
  }

  /** Puts a decision into the stream, once. */
  noteSignal(record: SignalRecord): void {
    this.#stream.addSignal(record);
  }

  /** Puts estimates of settled minutes, and silences, into the stream, each once. They come as text, so that the hub only writes them. */
  noteEntries(entries: readonly NewEntry[]): void {
    this.#stream.addEntries(entries);
  }

  /** A relay has clients: from now on it is sent what follows the picture. */
  async attachRelay(relay: string): Promise<StreamPicture> {
    const picture = this.#stream.attach(relay);
    await this.#armAlarm();
    return picture;
  }

  /** The state of the market and of the stream now. */
  streamPicture(): StreamPicture {
    return this.#stream.picture();
  }

  /** The logged frames after a sequence, as many as fit one call. */
  readStream(after: number): LogPage {
    return this.#stream.read(after);
  }

  /** The sequence after which all frames were logged at a time or later, ms. */
  streamBefore(time: number): number {
    return this.#stream.before(time);
  }

  /** The earliest time of a frame after this sequence, ms; null where it is not known. */
  streamTimeAfter(sequence: number): number | null {
    return this.#stream.earliestAfter(sequence);
  }

  /** What each relay with clients says of itself; one that does not respond is absent. */
  async streamStats(): Promise<readonly RelayStats[]> {
    const asked = await Promise.allSettled(this.#stream.relays.map((relay) => this.#deps.relayStats(this.env, relay)));
    return asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  /**
   * A run of the cron reports, so that the hub notices when it stops. It sets the alarm if that was lost.
   * @param lowestMinUsd the smallest liquidations that a webhook endpoint wants, USD by base asset; null where that could
   * not be read, so that what is known stays
   * @returns when the alarm last ran since the object started, ms; null where it did not yet
   */
  async cronRan(lowestMinUsd: UsdByAsset | null): Promise<{ readonly beat_time: number | null }> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm < Date.now() - 2 * BEAT_MS) await this.ctx.storage.setAlarm(Date.now() + BEAT_MS);
    if (lowestMinUsd !== null) this.#large.setLowest(lowestMinUsd);
    await this.#cron.ran();
    return { beat_time: this.#beatTime };
  }

  /** Follows the flushes of decided spikes, so that their turn is judged at once; null for those that are open no longer. */
  followFlushes(judged: readonly (readonly [symbol: string, flush: FollowedFlush | null])[]): void {
    this.#spikes.follow(new Map(judged), Date.now());
    this.#armJudging();
  }

  /** Rules were created, changed or deleted, or the key of their owner has ended. */
  async rulesChanged(): Promise<void> {
    await this.#rules.changed();
    await this.#armAlarm();
  }

  /** The forecasts of cascades that hold now, of a base asset or, for null, of all. */
  forecasts(symbol: string | null): CurrentForecasts {
    return this.#forecasts.current(symbol, Date.now());
  }

  /** The cascades that are building or running now. */
  running(): readonly CascadeRecord[] {
    return this.#machine.running();
  }

  /**
   * Alarms come at least once and stop after six failures, so no error may escape, and the next alarm is set last. A step
   * that fails does not stop the others.
   */
  override async alarm(): Promise<void> {
    const now = Date.now();
    usageTally.add("object_requests");
    this.#beatTime = now;
    const steps: readonly (() => unknown)[] = [
      () => this.#followCascades(now),
      () => this.#stream.beat(now),
      () => this.#weigh(now),
      () => this.#sample(now),
      () => this.#forecasts.beat(now),
      () => this.#save(),
      () => this.#saveAdl(now),
      () => this.#history.forget(now - HORIZON_MS),
      () => this.#coverage.forget(now - DAY_MS),
      () => this.#publisher.run(),
      () => this.#large.run(),
      () => this.#adlWarnings.run(),
      () => this.#rules.beat(),
      () => this.#cron.check(),
      () => this.#refit(now),
      () => this.#deps.storeUsage(this.env),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        this.#restart.failed(error);
        writeLog("error", { event: "hub_beat_failed", error: messageOf(error) });
      }
    }
    await this.ctx.storage.setAlarm(Date.now() + BEAT_MS);
  }

  /** A feed of before this field reports none. A fault of it must not keep the state of the feed from the stream. */
  #noteAdl({ exchange, adl, adl_rises: rises }: Partial<FeedReport> & Pick<FeedReport, "exchange">): void {
    if (adl === null || adl === undefined) return;
    try {
      this.#adl.note(exchange, adl.contracts, rises ?? [], Date.now());
      this.#adlWarnings.note(exchange, rises ?? []);
    } catch (error) {
      writeLog("error", { event: "adl_failed", exchange, error: messageOf(error) });
    }
  }

  async #armAlarm(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + BEAT_MS);
  }

  /** Where the whole call cannot be answered, each liquidation is tried alone; `fault` is the first error. */
  #answer(liquidations: readonly Liquidation[]): { readonly answers: readonly CrossVenueFields[]; readonly fault: unknown } {
    try {
      return { answers: this.#state.observe(liquidations, Date.now()), fault: null };
    } catch (error) {
      if (liquidations.length === 1) return { answers: [], fault: error };
      writeLog("error", { event: "enrichment_failed", liquidations: liquidations.length, error: messageOf(error) });
      const alone = liquidations.map((liquidation) => this.#answer([liquidation]));
      return { answers: alone.map(({ answers: [answer] }) => answer ?? UNKNOWN_CROSS_VENUE_FIELDS), fault: error };
    }
  }

  #armJudging(): void {
    const time = this.#spikes.requestTime;
    if (time === null || (this.#judging !== null && this.#judging.time <= time)) return;
    if (this.#judging !== null) clearTimeout(this.#judging.timer);
    this.#judging = { time, timer: setTimeout(() => void this.#judgeAtOnce(), Math.max(0, time - Date.now())) };
  }

  async #judgeAtOnce(): Promise<void> {
    this.#judging = null;
    const request = this.#spikes.take(Date.now());
    this.#armJudging();
    if (isEmpty(request)) return;
    try {
      const flushes = await this.#restart.watch(() => this.#deps.judgeAtOnce(this.env, request));
      this.followFlushes([...flushes]);
    } catch (error) {
      // The run of the minute judges them again.
      writeLog("error", { event: "judging_at_once_failed", ...request, error: messageOf(error) });
    }
  }

  async #weigh(now: number): Promise<void> {
    if (now - this.#weighedTime < HOUR_MS) return;
    this.#coverage.weigh(await this.#deps.venueWeights(this.env, now));
    this.#weighedTime = now;
  }

  #sample(now: number): void {
    const isCovered = this.#coverage.isCovered({ start: now - SAMPLED_MS, end: now });
    this.#baselines.sample(now, isCovered, () => this.#state.sample(now));
  }

  #refit(now: number): Promise<void> {
    const day = { start: now - DAY_MS, end: now };
    const venues = this.#deps.completeVenues(this.env).filter((name) => this.#coverage.shareOf(name, day) >= MIN_FITTED_SHARE);
    return this.#baselines.refit(now, {
      eventTimes: (symbol, side) => this.#deps.eventTimes(this.env, symbol, side),
      venues,
      gaps: this.#coverage.gapsOf(venues, now),
    });
  }

  #followCascades(now: number): void {
    this.#note(this.#machine.tick(now), now);
    this.#stream.logTransitions();
    for (const record of this.#machine.running()) if (record.state !== "building") this.#outbox.add(null, record, now);
    for (const record of this.#machine.takeRevised()) this.#outbox.add(null, record, now);
  }

  /** The time the hub first ran, ms. */
  #collectingSince(): number {
    const known = this.#memory.readNumber("heard_from");
    if (known !== null) return known;
    const now = Date.now();
    this.#memory.write("heard_from", now);
    return now;
  }

  /** @param time of the liquidation that caused them, or of the beat, ms */
  #note(transitions: readonly CascadeTransition[], time: number): void {
    if (transitions.length === 0) return;
    this.#forecasts.noteTransitions(transitions, time);
    this.#stream.noteTransitions(transitions);
    for (const { kind, record } of transitions) {
      this.#outbox.add(kind, record, Date.now());
      const { cascade_id, symbol, position_side, usd, severity, market_wide } = record;
      writeLog("info", { event: `cascade_${kind}`, cascade_id, symbol, position_side, usd, severity, market_wide });
    }
    // Together with the answers, or a restart would not know a cascade that feeds have seen begin.
    this.#save();
    setTimeout(() => void this.#publisher.run(), 0);
  }

  /** What cascades list of auto-deleveraging; once a minute, because it changes with every balance of a fund. */
  #saveAdl(now: number): void {
    if (Math.abs(now - this.#adlSavedTime) < MINUTE_MS) return;
    this.#adlSavedTime = now;
    this.#memory.write("adl", this.#adl.snapshot());
  }

  #saveNowAndThen(): void {
    if (Math.abs(Date.now() - this.#savedTime) >= SAVE_EVERY_MS) this.#save();
  }

  #save(): void {
    this.#savedTime = Date.now();
    try {
      this.#history.save(this.#state.takeChanges());
      this.#memory.write("cascades", this.#machine.snapshot());
      this.#restart.succeeded("storage");
    } catch (error) {
      this.#restart.failed(error);
      writeLog("error", { event: "hub_save_failed", error: messageOf(error) });
    }
  }
}
