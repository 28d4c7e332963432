import type { Config } from "../../../src/config.ts";
import type { Endpoints, Exchange, FeedMessage, Instrument, RequestJson, Scope, SocketPlan } from "../../../src/exchanges/exchange.ts";
import type { FeedState, SocketStatus } from "../../../src/feed-status.ts";
import type { GapReason } from "../../../src/gap.ts";
import { MarketContext } from "../../../src/market/market-context.ts";
import { SocketKeeper } from "./socket-keeper.ts";
import type { Log } from "../../../src/log.ts";

interface Dependencies {
  readonly exchange: Exchange;
  readonly config: Config;
  readonly endpoints: Endpoints;
  readonly fetch: typeof fetch;
  readonly request: RequestJson;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
  readonly messages: (messages: readonly FeedMessage[], receivedTime: number, context: MarketContext) => void;
  /** The liquidations of the venue arrive (again). */
  readonly covered: (receivedTime: number) => void;
  /**
   * The liquidations of the venue no longer arrive; the last frame came at this time, or they have been expected since
   * then.
   */
  readonly lost: (lastCoveredTime: number, reason: GapReason) => void;
  /** The venue refused a connection; `text` is its response. */
  readonly refused: (reason: string, text: string) => void;
  /** Liquidations from `from` to `to` may be missing, although the venue is connected. */
  readonly missed: (from: number, to: number) => void;
}

/** From best to worst: a feed has the worst state of the sockets that carry its liquidations. */
const STATES: readonly FeedState[] = ["live", "connecting", "stale", "blocked", "off"];

/** All sockets of a venue, and their combined state. */
export class FeedSockets {
  readonly #deps: Dependencies;
  /** The current table, shared by all sessions: a running decoder learns of new contracts without a new connection. */
  readonly #instruments = new Map<string, Instrument>();
  #keepers: readonly SocketKeeper[] = [];
  #running = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  get started(): boolean {
    return this.#running;
  }

  start(scope: Scope): void {
    this.#running = true;
    this.#keepers = this.#plans(scope).map((plan) => this.#keeper(plan, scope));
    const now = this.#deps.now();
    this.tick(now);
    if (this.#carrying().length === 0) this.#deps.lost(now, "disconnected");
  }

  /** Applies a new instrument table: sockets with other subscriptions than before are replaced with overlap. */
  rescope(scope: Scope): void {
    if (!this.started) return;
    const plans = this.#plans(scope);
    const lastCoveredTime = this.lastCoveredTime();
    const before = new Map(this.#keepers.map((keeper) => [keeper.plan.name, keeper]));
    this.#keepers = plans.map((plan) => {
      const kept = before.get(plan.name);
      before.delete(plan.name);
      if (kept === undefined) return this.#keeper(plan, scope);
      if (!haveSameSubscriptions(kept.plan, plan)) kept.replan(plan);
      return kept;
    });
    for (const left of before.values()) left.close();
    const now = this.#deps.now();
    this.tick(now);
    // A socket that is no longer needed may have been the one that kept a gap open.
    if (this.#areLive()) this.#deps.covered(now);
    if (this.#carrying().length === 0) this.#deps.lost(lastCoveredTime ?? now, "disconnected");
  }

  tick(now: number): void {
    for (const keeper of this.#keepers) {
      keeper.tick(now);
      // A book with a broken sequence recovers only with the snapshot of a new session.
      if (keeper.context !== null && keeper.context.takeResyncs().length > 0) keeper.rollOver();
    }
  }

  /** Sends a frame on the first socket of the venue. */
  send(frame: string): void {
    this.#keepers[0]?.send(frame);
  }

  stop(): void {
    this.#running = false;
    for (const keeper of this.#keepers) keeper.close();
    this.#keepers = [];
  }

  /** The market state of every running session. */
  contexts(): readonly MarketContext[] {
    return this.#keepers.flatMap((keeper) => (keeper.context === null ? [] : [keeper.context]));
  }

  status(): readonly SocketStatus[] {
    return this.#keepers.map((keeper) => keeper.status());
  }

  state(): { readonly state: FeedState; readonly since: number } {
    const carrying = this.#carrying().map((keeper) => keeper.status());
    const worst = carrying.toSorted((a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state))[0];
    return worst === undefined ? { state: "off", since: this.#deps.now() } : { state: worst.state, since: worst.since };
  }

  /** The time up to which every socket that carries liquidations was connected, ms; null where one never was. */
  lastCoveredTime(): number | null {
    const covered = this.#carrying().map((keeper) => keeper.lastCoveredTime);
    return covered.length === 0 ? null : covered.reduce((least, time) => (least === null || time === null ? null : Math.min(least, time)));
  }

  /** A venue without sockets is not live, although none of its sockets is in another state. */
  #areLive(): boolean {
    const carrying = this.#carrying();
    return carrying.length > 0 && carrying.every((keeper) => keeper.state === "live");
  }

  #carrying(): readonly SocketKeeper[] {
    return this.#keepers.filter((keeper) => keeper.plan.role === "liquidations");
  }

  /** The sockets of a new table, which running sessions decode with from now on. */
  #plans(scope: Scope): readonly SocketPlan[] {
    this.#instruments.clear();
    for (const [name, instrument] of scope.instruments) this.#instruments.set(name, instrument);
    return this.#deps.exchange.sockets(scope, this.#deps.endpoints);
  }

  #session(scope: Scope) {
    const { exchange } = this.#deps;
    const instruments = this.#instruments;
    return { decoder: exchange.createDecoder({ ...scope, instruments }), context: new MarketContext(exchange.readBook, instruments) };
  }

  #keeper(plan: SocketPlan, scope: Scope): SocketKeeper {
    const { exchange, log, messages, covered, lost, missed, refused } = this.#deps;
    const events = {
      messages,
      covered: (receivedTime: number) => {
        if (plan.role === "liquidations" && this.#areLive()) covered(receivedTime);
      },
      lost: (lastCoveredTime: number, reason: GapReason) => {
        if (plan.role === "liquidations") lost(lastCoveredTime, reason);
      },
      refused,
      missed: (from: number, to: number) => {
        if (plan.role === "liquidations") missed(from, to);
      },
    };
    return new SocketKeeper(plan, events, {
      ...this.#deps,
      log,
      lagMs: exchange.lagResolutionMs,
      createSession: () => this.#session(scope),
    });
  }
}

function haveSameSubscriptions(one: SocketPlan, other: SocketPlan): boolean {
  return subscriptionsOf(one) === subscriptionsOf(other);
}

function subscriptionsOf({ subscribe, topicsInAddress, confirmations }: SocketPlan): string {
  return JSON.stringify([subscribe, topicsInAddress, [...confirmations]]);
}
