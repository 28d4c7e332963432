import type { Config } from "../../../src/config.ts";
import type {
  Endpoints,
  Exchange,
  FeedMessage,
  ReceivedFrame,
  Instrument,
  RequestJson,
  Scope,
  SocketPlan,
} from "../../../src/exchanges/exchange.ts";
import type { FeedState, SocketStatus } from "../../../src/feed-status.ts";
import type { GapReason } from "../../../src/gap.ts";
import { MarketContext } from "../../../src/market/market-context.ts";
import { ContractCoverage } from "./contract-coverage.ts";
import { contractsOf, DRAIN_TIMEOUT_MS, SocketKeeper } from "./socket-keeper.ts";
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
  readonly messages: (messages: readonly FeedMessage[], frame: ReceivedFrame, context: MarketContext) => void;
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
  /** The venue is connected, and these are its contracts without liquidations, each with the time up to which it had them. */
  readonly uncovered: (contracts: ReadonlyMap<string, number>, now: number) => void;
}

/** From best to worst: a feed has the worst state of the sockets that carry its liquidations. */
const STATES: readonly FeedState[] = ["live", "connecting", "stale", "blocked", "off"];

/** All sockets of a venue, and their combined state. */
export class FeedSockets {
  readonly #deps: Dependencies;
  /** The current table, shared by all sessions: a running decoder learns of new contracts without a new connection. */
  readonly #instruments = new Map<string, Instrument>();
  #keepers: readonly SocketKeeper[] = [];
  /** Sockets that a new table made superfluous: they are read until the others have their topics. */
  #superfluous: readonly SocketKeeper[] = [];
  /** Since when all sockets with liquidations deliver with their current subscriptions; null while one does not. */
  #inForceTime: number | null = null;
  readonly #coverage = new ContractCoverage();
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
    this.#coverage.want(this.#wantedContracts(), now);
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
    this.#inForceTime = null;
    this.#coverage.want(this.#wantedContracts(), this.#deps.now());
    for (const left of before.values()) {
      if (left.plan.role === "liquidations" && plans.length > 0) this.#superfluous = [...this.#superfluous, left];
      else left.close();
    }
    const now = this.#deps.now();
    this.tick(now);
    if (this.#carrying().length === 0) this.#deps.lost(lastCoveredTime ?? now, "disconnected");
  }

  tick(now: number): void {
    for (const keeper of this.#open) {
      keeper.tick(now);
      for (const contract of keeper.context?.brokenBooks ?? []) keeper.renewBook(contract);
    }
    const areInForce = this.#keepers.every(({ plan, inForce }) => plan.role !== "liquidations" || inForce);
    this.#inForceTime = areInForce ? Math.min(this.#inForceTime ?? now, now) : null;
    if (this.#inForceTime !== null) this.#closeSuperfluous(now, this.#inForceTime);
    for (const { contracts, lastCoveredTime } of this.#open) this.#coverage.cover(contracts, lastCoveredTime ?? now);
    // While the venue is not connected, its gap is that of all its contracts.
    if (this.#areLive()) this.#deps.uncovered(this.#coverage.uncovered(), now);
  }

  #wantedContracts(): readonly string[] {
    return this.#keepers.flatMap(({ plan }) => contractsOf(plan, plan.confirmations));
  }

  /** Closes superfluous sockets that were read up to the time at which the others had their topics, or that take too long. */
  #closeSuperfluous(now: number, inForceTime: number): void {
    const before = this.#superfluous;
    for (const keeper of before) {
      const covered = keeper.lastCoveredTime;
      const isRead = keeper.state !== "live" || covered === null || covered >= inForceTime;
      if (!isRead && now - inForceTime < DRAIN_TIMEOUT_MS) continue;
      if (!isRead) this.#deps.missed(covered, inForceTime);
      keeper.close();
      this.#superfluous = this.#superfluous.filter((one) => one !== keeper);
    }
    // A socket that is no longer needed may have been the one that kept a gap open.
    if (this.#superfluous.length < before.length && this.#areLive()) this.#deps.covered(now);
  }

  stop(): void {
    this.#running = false;
    for (const keeper of this.#open) keeper.close();
    this.#keepers = [];
    this.#superfluous = [];
  }

  /** The market state of every running session. */
  contexts(): readonly MarketContext[] {
    return this.#open.flatMap((keeper) => (keeper.context === null ? [] : [keeper.context]));
  }

  status(): readonly SocketStatus[] {
    return this.#open.map((keeper) => keeper.status());
  }

  state(): { readonly state: FeedState; readonly since: number } {
    const carrying = this.#carrying().map((keeper) => keeper.status());
    const worst = carrying.toSorted((a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state))[0];
    return worst === undefined ? { state: "off", since: this.#deps.now() } : { state: worst.state, since: worst.since };
  }

  /** The time up to which every socket that carries liquidations was connected, ms; null where one never was. */
  lastCoveredTime(): number | null {
    return least(this.#carrying().map((keeper) => keeper.lastCoveredTime));
  }

  /** The same up to the last proofs that the venue serves liquidations: what came since may be missing if they end now. */
  provenTime(): number | null {
    return least(this.#carrying().map((keeper) => keeper.provenTime));
  }

  /** A venue without sockets is not live, although none of its sockets is in another state. */
  #areLive(): boolean {
    const carrying = this.#carrying();
    return carrying.length > 0 && carrying.every((keeper) => keeper.state === "live");
  }

  get #open(): readonly SocketKeeper[] {
    return [...this.#keepers, ...this.#superfluous];
  }

  #carrying(): readonly SocketKeeper[] {
    return this.#open.filter((keeper) => keeper.plan.role === "liquidations");
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
      inForceTime: () => this.#inForceTime,
      createSession: () => this.#session(scope),
    });
  }
}

/** Null where a time is unknown, or there is none. */
function least(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 || known.length < times.length ? null : Math.min(...known);
}

function haveSameSubscriptions(one: SocketPlan, other: SocketPlan): boolean {
  return subscriptionsOf(one) === subscriptionsOf(other);
}

function subscriptionsOf({ subscribe, topicsInAddress, topics, confirmations }: SocketPlan): string {
  return JSON.stringify([subscribe, topicsInAddress, [...(topics?.contracts.keys() ?? [])], [...confirmations]]);
}
