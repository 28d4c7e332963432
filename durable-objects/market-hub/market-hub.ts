import { DurableObject } from "cloudflare:workers";
import { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";
import { CrossVenueState, HORIZON_MS } from "../../src/cascade/cross-venue-state.ts";
import type { Gap } from "../../src/gap.ts";
import type { CrossVenueFields, ExchangeName, Liquidation } from "../../src/liquidation.ts";
import { CascadeOutbox } from "./cascade-outbox.ts";
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
/** A transition that could not be published for this long is dropped. */
const PUBLISH_WITHIN_MS = 3_600_000;

/** The dependencies of the hub, except the platform's: passed in by the Worker that exports the class. */
export interface HubDependencies<Env> {
  lagResolutionMs(exchange: ExchangeName): number;
  /** Stores the latest record of each cascade and returns those that the store refuses for good. May throw: it is called again. */
  saveCascades(
    env: Env,
    records: readonly CascadeRecord[],
  ): Promise<readonly { readonly record: CascadeRecord; readonly reason: string }[]>;
  /**
   * Publishes a transition and returns whether that succeeded; it is called again with the same transition if not.
   * @param time when the hub noticed the transition, ms
   */
  publish(env: Env, transition: CascadeTransition, time: number): Promise<boolean>;
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
  readonly #baselines: HubBaselines;
  readonly #machine: CascadeMachine;
  readonly #state: CrossVenueState;
  #saving: ReturnType<typeof setTimeout> | null = null;
  #publishing = false;

  constructor(ctx: DurableObjectState, env: Env, deps: HubDependencies<Env>) {
    super(ctx, env);
    this.#deps = deps;
    migrateStorage(ctx.storage, HUB_SCHEMA);
    this.#memory = new ObjectMemory(ctx.storage.sql);
    this.#history = new HubHistory(ctx.storage.sql);
    this.#outbox = new CascadeOutbox(ctx.storage.sql);
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

  /** Alarms come at least once and stop after six failures, so no error may escape, and the next alarm is set last. */
  override async alarm(): Promise<void> {
    try {
      const now = Date.now();
      this.#note(this.#machine.tick(now));
      for (const record of this.#machine.running()) if (record.state !== "building") this.#outbox.add(null, record, now);
      this.#baselines.sample(now, () => this.#state.sample(now));
      this.#save();
      this.#history.forget(now - HORIZON_MS);
      await this.#publish();
      await this.#baselines.refit(now, (symbol, side) => this.#deps.eventTimes(this.env, symbol, side));
    } catch (error) {
      writeLog("error", { event: "hub_beat_failed", error: messageOf(error) });
    }
    await this.ctx.storage.setAlarm(Date.now() + BEAT_MS);
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
    setTimeout(() => void this.#publish(), 0);
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

  /** Stores and publishes pending entries in order; what fails waits for the next beat. */
  async #publish(): Promise<void> {
    if (this.#publishing) return;
    this.#publishing = true;
    try {
      for (let waiting = this.#outbox.waiting(); waiting.length > 0; waiting = this.#outbox.waiting()) {
        const refused = await this.#deps.saveCascades(
          this.env,
          waiting.map(({ record }) => record),
        );
        for (const { record, reason } of refused) writeLog("error", { event: "cascade_refused", reason, record });
        for (const { id, time, kind, record } of waiting) {
          const isPublished = kind === null || (await this.#deps.publish(this.env, { kind, record }, time));
          if (!isPublished && Date.now() - time < PUBLISH_WITHIN_MS) return;
          this.#outbox.done(id);
        }
      }
    } catch (error) {
      writeLog("error", { event: "cascade_publish_failed", error: messageOf(error) });
    } finally {
      this.#publishing = false;
    }
  }
}
