import { DurableObject } from "cloudflare:workers";
import { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";
import { CrossVenueState, HORIZON_MS } from "../../src/cascade/cross-venue-state.ts";
import type { Gap } from "../../src/gap.ts";
import type { CrossVenueFields, ExchangeName, Liquidation } from "../../src/liquidation.ts";
import type { PublishOutcome } from "../../src/webhooks/event.ts";
import { CascadeOutbox } from "./cascade-outbox.ts";
import { CascadePublisher } from "./cascade-publisher.ts";
import { ObjectMemory } from "../object-memory.ts";
import { migrateStorage } from "../storage-schema.ts";
import { type EventTimes, HubBaselines } from "./hub-baselines.ts";
import { HubHistory } from "./hub-history.ts";
import { HUB_SCHEMA } from "./hub-schema.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

const BEAT_MS = 10_000;
/** Delay before observations are stored, many events in one write. */
const SAVE_AFTER_MS = 2_000;
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
  /** Notes a transition that could not be published and is given up. */
  addDeadLetter(env: Env, transition: CascadeTransition, time: number, reason: string): Promise<void>;
  /** The events of the last 24 h, as far as the hot store has them. */
  eventTimes(env: Env, ...of: Parameters<EventTimes>): ReturnType<EventTimes>;
}

/**
 * The object where all venues meet: it answers each liquidation with its fields over all venues, and follows cascades.
 */
export class MarketHubObject<Env> extends DurableObject<Env> {
  readonly #deps: HubDependencies<Env>;
  readonly #memory: ObjectMemory;
  readonly #history: HubHistory;
  readonly #outbox: CascadeOutbox;
  readonly #publisher: CascadePublisher;
  readonly #baselines: HubBaselines;
  readonly #machine: CascadeMachine;
  readonly #state: CrossVenueState;
  #saving: ReturnType<typeof setTimeout> | null = null;

  constructor(ctx: DurableObjectState, env: Env, deps: HubDependencies<Env>) {
    super(ctx, env);
    this.#deps = deps;
    migrateStorage(ctx.storage, HUB_SCHEMA);
    this.#memory = new ObjectMemory(ctx.storage.sql);
    this.#history = new HubHistory(ctx.storage.sql);
    this.#outbox = new CascadeOutbox(ctx.storage.sql);
    this.#publisher = new CascadePublisher(this.#outbox, {
      saveCascades: (records) => deps.saveCascades(env, records),
      publish: (transition, time) => deps.publish(env, transition, time),
      addDeadLetter: (transition, time, reason) => deps.addDeadLetter(env, transition, time, reason),
      now: Date.now,
    });
    this.#baselines = new HubBaselines(ctx.storage.sql, this.#collectingSince());
    this.#machine = new CascadeMachine((symbol, side, quantile) => this.#baselines.velocityQuantile(symbol, side, quantile));
    this.#state = new CrossVenueState({
      lagResolutionMs: (exchange) => deps.lagResolutionMs(exchange),
      baseline: (symbol, side) => this.#baselines.of(symbol, side),
      cascadeId: (event, flow, reader) => {
        this.#note(this.#machine.observe(event, flow, reader));
        return this.#machine.cascadeId(event.symbol, event.position_side);
      },
    });
    this.#state.restore(this.#history.load());
    this.#machine.restore(this.#memory.read("cascades"));
  }

  /** @returns one answer for each liquidation, in the same order; a repeated liquidation gets the same answer */
  async observe(liquidations: readonly Liquidation[]): Promise<readonly CrossVenueFields[]> {
    const answers = this.#state.observe(liquidations, Date.now());
    this.#saving ??= setTimeout(() => this.#save(), SAVE_AFTER_MS);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + BEAT_MS);
    return answers;
  }

  /** Reports that a venue is disconnected (`to_time` null) or connected again: cascades list the gaps within them. */
  noteGap(gap: Gap): void {
    this.#machine.noteGap(gap);
    this.#saving ??= setTimeout(() => this.#save(), SAVE_AFTER_MS);
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
    const steps: readonly (() => unknown)[] = [
      () => this.#followCascades(now),
      () => this.#baselines.sample(now, () => this.#state.sample(now)),
      () => this.#save(),
      () => this.#history.forget(now - HORIZON_MS),
      () => this.#publisher.run(),
      () => this.#baselines.refit(now, (symbol, side) => this.#deps.eventTimes(this.env, symbol, side)),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        writeLog("error", { event: "hub_beat_failed", error: messageOf(error) });
      }
    }
    await this.ctx.storage.setAlarm(Date.now() + BEAT_MS);
  }

  #followCascades(now: number): void {
    this.#note(this.#machine.tick(now));
    for (const record of this.#machine.running()) if (record.state !== "building") this.#outbox.add(null, record, now);
  }

  /** The time the hub first ran, ms. */
  #collectingSince(): number {
    const known = this.#memory.readNumber("heard_from");
    if (known !== null) return known;
    const now = Date.now();
    this.#memory.write("heard_from", now);
    return now;
  }

  #note(transitions: readonly CascadeTransition[]): void {
    if (transitions.length === 0) return;
    for (const { kind, record } of transitions) {
      this.#outbox.add(kind, record, Date.now());
      const { cascade_id, symbol, position_side, usd, severity, market_wide } = record;
      writeLog("info", { event: `cascade_${kind}`, cascade_id, symbol, position_side, usd, severity, market_wide });
    }
    // Together with the answers, or a restart would not know a cascade that feeds have seen begin.
    this.#save();
    setTimeout(() => void this.#publisher.run(), 0);
  }

  #save(): void {
    if (this.#saving !== null) clearTimeout(this.#saving);
    this.#saving = null;
    try {
      this.#history.save(this.#state.takeChanges());
      this.#memory.write("cascades", this.#machine.snapshot());
    } catch (error) {
      writeLog("error", { event: "hub_save_failed", error: messageOf(error) });
    }
  }
}
