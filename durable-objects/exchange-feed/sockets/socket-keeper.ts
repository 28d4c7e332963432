import { fullJitter, type Backoff } from "../../../src/backoff.ts";
import type { Decoder, FeedMessage, ReceivedFrame, SocketPlan } from "../../../src/exchanges/exchange.ts";
import type { FeedState, SocketStatus } from "../../../src/feed-status.ts";
import type { GapReason } from "../../../src/gap.ts";
import type { MarketContext } from "../../../src/market/market-context.ts";
import { BookRenewals } from "./book-renewals.ts";
import { type SessionEnd, type SessionDependencies, SocketSession } from "./socket-session.ts";
import { Wait } from "../wait.ts";
import type { Log } from "../../../src/log.ts";

const RECONNECT: Backoff = { baseMs: 1_000, capMs: 60_000 };
/** Wait after a refusal of our location, which will not change within a minute. */
const BLOCKED: Backoff = { baseMs: 120_000, capMs: 1_800_000 };
const BLOCKED_LEAST_MS = 60_000;
/** Wait after a rate limit, because each attempt counts against it. */
const LIMITED: Backoff = { baseMs: 60_000, capMs: 1_800_000 };
const LIMITED_LEAST_MS = 15_000;
/** Maximum wait, even if the venue asks for days: bans have been lifted earlier. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** A successor is opened this long before the venue's limit. */
const ROLL_OVER_LEAD_MS = 1_800_000;
/** Wait after a successor failed; the running session still delivers. */
const ROLL_OVER_PAUSE_MS = 60_000;
/** Maximum time for which a replaced session or socket is still read once the others have its topics. */
export const DRAIN_TIMEOUT_MS = 60_000;
/**
 * A topic that the venue refused, or did not confirm, is requested again after this time: soon, because an answer may have been
 * lost, and then after twice the wait each time.
 */
const ASK_AGAIN_MS = 60_000;
const ASK_AGAIN_MAX_MS = 3_600_000;
/** A session that delivered at least this long ended for a new reason: the back-off starts from the beginning. */
const STEADY_MS = 60_000;

export interface KeeperEvents {
  messages(messages: readonly FeedMessage[], frame: ReceivedFrame, context: MarketContext): void;
  /** The socket delivers (again), since `receivedTime`. */
  covered(receivedTime: number): void;
  /** The socket no longer delivers; the last frame came at this time, or it has been expected since then. */
  lost(lastCoveredTime: number, reason: GapReason): void;
  /** The venue refused a connection; `text` is its response. */
  refused(reason: string, text: string): void;
  /** Messages of the venue from `from` to `to` may not have been read, although the socket delivers. */
  missed(from: number, to: number): void;
}

export interface KeeperDependencies extends SessionDependencies {
  readonly random: () => number;
  /** Maximum delay between a liquidation and its message, ms. */
  readonly lagMs: number;
  readonly createSession: CreateSession;
  /**
   * Since when all sockets of the venue deliver with their current subscriptions; null while one does not. Topics may
   * have moved to another socket, so a replaced session is read up to then.
   */
  readonly inForceTime: () => number | null;
  readonly log: Log;
}

/** The decoder and market of a session: both are discarded with it, so that the states of two sessions never mix. */
export type CreateSession = () => { readonly decoder: Decoder; readonly context: MarketContext };

interface Slot {
  readonly session: SocketSession;
  readonly context: MarketContext;
}

/** A session that was replaced while the venue's last frames were still in transit. */
interface Leaving {
  readonly session: SocketSession;
  /** The time at which its successor began to deliver, and the venue's time of that. */
  readonly replacedTime: number;
  readonly replacedCovered: number;
  /** The venue's time up to which it is read; null until the sockets that replace it have delivered as far. */
  readonly readUntil: number | null;
}

/** A topic that the venue refuses or does not confirm. */
interface Withheld {
  readonly since: number;
  readonly reason: string;
  readonly askTime: number;
  /** From the last request to the next, ms. */
  readonly waitMs: number;
}

/** Keeps one socket of a venue open: back-off, liveness, and planned reconnects with overlap. */
export class SocketKeeper {
  #plan: SocketPlan;
  readonly #events: KeeperEvents;
  readonly #deps: KeeperDependencies;
  #current: Slot | null = null;
  #successor: Slot | null = null;
  #leaving: readonly Leaving[] = [];
  readonly #withheld = new Map<string, Withheld>();
  #state: FeedState = "connecting";
  #since: number;
  readonly #madeTime: number;
  #flowingSince: number | null = null;
  #lastCoveredTime: number | null = null;
  #lastFrame: number | null = null;
  #lastControl: number | null = null;
  readonly #renewals = new BookRenewals();
  readonly #retry = new Wait();
  #failures = 0;
  #sessions = 0;
  #reconnects = 0;
  readonly #rollOverPause = new Wait();
  #lastError: string | null = null;

  constructor(plan: SocketPlan, events: KeeperEvents, deps: KeeperDependencies) {
    this.#plan = plan;
    this.#events = events;
    this.#deps = deps;
    this.#since = deps.now();
    this.#madeTime = this.#since;
  }

  get plan(): SocketPlan {
    return this.#plan;
  }

  /** The market state of the running session. */
  get context(): MarketContext | null {
    return this.#current?.context ?? null;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** The venue's time up to which all of its liquidations were read, ms. */
  get lastCoveredTime(): number | null {
    return this.#coveredBy(this.#current?.session) ?? this.#lastCoveredTime;
  }

  /** The same up to the last proof that the venue serves them: what came since may be missing where the session ends now. */
  get provenTime(): number | null {
    return this.#provenBy(this.#current?.session) ?? this.#lastCoveredTime;
  }

  /** Whether the running session has the current subscriptions. */
  get inForce(): boolean {
    return this.#state === "live" && this.#current?.session.plan === this.#plan;
  }

  /** The contracts with liquidations that the sessions deliver. */
  get contracts(): ReadonlySet<string> {
    const sessions = [...(this.#current === null ? [] : [this.#current.session]), ...this.#leaving.map(({ session }) => session)];
    return new Set(sessions.flatMap(({ plan, delivered }) => contractsOf(plan, delivered)));
  }

  status(): SocketStatus {
    return {
      name: this.#plan.name,
      role: this.#plan.role,
      state: this.#state,
      since: this.#since,
      last_frame_time: this.#current?.session.lastFrameTime ?? this.#lastFrame,
      last_control_time: this.#current?.session.lastControlTime ?? this.#lastControl,
      reconnects: this.#reconnects,
      last_error: this.#lastError,
      refused_topics: [...this.#withheld].map(([topic, { since, reason, askTime }]) => ({
        topic,
        contract: this.#plan.topics?.contracts.get(topic) ?? topic,
        reason,
        since,
        next_attempt_time: askTime,
      })),
    };
  }

  /** Called about once per second. */
  tick(now: number): void {
    if (this.#current === null && this.#retry.isOver(now)) {
      if (this.#sessions > 0) this.#reconnects += 1;
      this.#current = this.#start();
    }
    const { maxAgeMs } = this.#plan;
    const opened = this.#current?.session.openedTime ?? null;
    const isOld = maxAgeMs !== null && opened !== null && now - opened >= maxAgeMs - ROLL_OVER_LEAD_MS;
    if (isOld || (this.#current !== null && this.#current.session.plan !== this.#plan)) this.rollOver();
    this.#current?.session.tick(now);
    this.#successor?.session.tick(now);
    for (const { session } of this.#leaving) session.tick(now);
    this.#drain(now);
    this.#askAgain(now);
  }

  /**
   * Opens a successor, at most once per minute; the running session is closed once the successor delivers, or at once if
   * it has not delivered itself.
   */
  rollOver(): void {
    const now = this.#deps.now();
    if (!this.#rollOverPause.isOver(now)) return;
    this.#rollOverPause.start(now, ROLL_OVER_PAUSE_MS);
    this.#succeed();
  }

  #succeed(): void {
    if (this.#current === null || this.#successor !== null) return;
    this.#deps.log({ event: "socket_rolled_over", socket: this.#plan.name });
    if (this.#current.session.coveredTime === null) {
      this.#current.session.close();
      this.#current = this.#start();
    } else {
      this.#successor = this.#start();
    }
  }

  /** Asks for a new snapshot of a book with a broken sequence, unless it did so a moment ago. */
  renewBook(contract: string): void {
    const renewed = this.#renewals.next(contract, this.#deps.now());
    if (renewed === null) return;
    this.#deps.log({ event: "book_renewed", socket: this.#plan.name, contract, by: renewed });
    if (renewed === "session" || this.#current?.session.renewBook(contract) !== true) this.rollOver();
  }

  /** Sets the plan for later sessions; a running session is replaced with overlap. */
  replan(plan: SocketPlan): void {
    this.#plan = plan;
    for (const topic of this.#withheld.keys()) if (plan.topics?.contracts.has(topic) !== true) this.#withheld.delete(topic);
    this.#successor?.session.close();
    this.#successor = null;
    this.#rollOverPause.start(0, 0);
    this.rollOver();
  }

  close(): void {
    this.#current?.session.close();
    this.#successor?.session.close();
    for (const { session } of this.#leaving) session.close();
    this.#current = null;
    this.#successor = null;
    this.#leaving = [];
  }

  #start(): Slot {
    this.#sessions += 1;
    const { decoder, context } = this.#deps.createSession();
    const session: SocketSession = new SocketSession(
      this.#plan,
      decoder,
      {
        messages: (messages, frame) => this.#events.messages(messages, frame, context),
        flowing: (receivedTime) => this.#flowing(session, receivedTime),
        confirmed: (topics) => topics.forEach((topic) => this.#withheld.delete(topic)),
        refusedTopic: (topic, reason) => this.#withhold(topic, reason),
        ended: (end) => this.#ended(session, end),
      },
      this.#deps,
      this.#leftOut(),
    );
    void session.open();
    return { session, context };
  }

  /** The topics that a new session does not request; none where no liquidations would be left. */
  #leftOut(): ReadonlySet<string> {
    const hasOthers = [...this.#plan.confirmations].some((topic) => !this.#withheld.has(topic));
    return hasOthers ? new Set(this.#withheld.keys()) : new Set();
  }

  #withhold(topic: string, reason: string): void {
    const now = this.#deps.now();
    const { since, waitMs } = this.#withheld.get(topic) ?? { since: now, waitMs: ASK_AGAIN_MS };
    this.#withheld.set(topic, { since, reason, askTime: now + waitMs, waitMs });
    this.#deps.log({ event: "topic_refused", socket: this.#plan.name, topic, reason });
  }

  #askAgain(now: number): void {
    if (this.#state !== "live" || this.#current === null) return;
    for (const [topic, withheld] of this.#withheld) {
      // A time further ahead than it was ever set is that of a clock that went back since.
      if (now < withheld.askTime && withheld.askTime <= now + ASK_AGAIN_MAX_MS) continue;
      const waitMs = Math.min(2 * withheld.waitMs, ASK_AGAIN_MAX_MS);
      this.#withheld.set(topic, { ...withheld, askTime: now + waitMs, waitMs });
      this.#current.session.ask(topic);
    }
  }

  #flowing(session: SocketSession, receivedTime: number): void {
    if (this.#successor?.session === session) {
      if (this.#current !== null) {
        const replaced = { replacedTime: receivedTime, replacedCovered: session.coveredTime ?? receivedTime };
        this.#leaving = [...this.#leaving, { session: this.#current.session, ...replaced, readUntil: null }];
      }
      this.#current = this.#successor;
      this.#successor = null;
      this.#lastError = null;
    }
    this.#flowingSince = receivedTime;
    this.#become("live");
    this.#events.covered(receivedTime);
  }

  #ended(session: SocketSession, end: SessionEnd): void {
    const now = this.#deps.now();
    const { message } = end;
    if ("detail" in end) this.#events.refused(message, end.detail.text);
    this.#deps.log({ event: "socket_ended", socket: this.#plan.name, kind: end.kind, message });
    const left = this.#leaving.find((one) => one.session === session);
    if (left !== undefined) {
      this.#leave(left);
      return;
    }
    if (this.#successor?.session === session) {
      this.#successor = null;
      this.#lastError = `successor: ${message}`;
      this.#rollOverPause.start(now, Math.max(this.#rollOverPause.remainingMs(now), this.#wait(end)));
      return;
    }
    this.#lastCoveredTime = this.#provenBy(session) ?? this.#lastCoveredTime;
    this.#lastControl = session.lastControlTime ?? this.#lastControl;
    this.#lastFrame = session.lastFrameTime ?? this.#lastFrame;
    this.#lastError = message;
    const steady = this.#flowingSince !== null && now - this.#flowingSince >= STEADY_MS;
    this.#failures = steady ? 1 : this.#failures + 1;
    this.#flowingSince = null;
    this.#current = this.#successor;
    this.#successor = null;
    this.#retry.start(now, this.#wait(end));
    this.#become(stateAfter(end, this.#state));
    this.#events.lost(this.#lastCoveredTime ?? this.#madeTime, reasonOf(end));
  }

  /** Closes replaced sessions that were read up to the start of their successor, or that take too long. */
  #drain(now: number): void {
    const inForceTime = this.#deps.inForceTime();
    if (inForceTime === null) return;
    const covered = this.#current?.session.coveredTime ?? 0;
    // The first message of the successor may be from before its subscription; the messages after it are not.
    const isAfter = ({ replacedCovered }: Leaving) => covered > replacedCovered && covered >= inForceTime;
    this.#leaving = this.#leaving.map((left) => (left.readUntil === null && isAfter(left) ? { ...left, readUntil: covered } : left));
    for (const left of this.#leaving) {
      if (left.readUntil !== null && (left.session.coveredTime ?? 0) >= left.readUntil) {
        left.session.close();
        this.#leaving = this.#leaving.filter((one) => one !== left);
      } else if (now - Math.max(Math.min(left.replacedTime, now), inForceTime) >= DRAIN_TIMEOUT_MS) {
        this.#leave(left);
      }
    }
  }

  /** Gives up a replaced session: everything that it did not deliver is missing. */
  #leave(left: Leaving): void {
    left.session.close();
    this.#leaving = this.#leaving.filter((one) => one !== left);
    const covered = this.#provenBy(left.session);
    if (covered !== null && covered < left.replacedTime) this.#events.missed(covered, left.replacedTime);
  }

  #coveredBy(session: SocketSession | undefined): number | null {
    return this.#withoutLag(session?.coveredTime ?? null);
  }

  #provenBy(session: SocketSession | undefined): number | null {
    return this.#withoutLag(session?.provenTime ?? null);
  }

  /** A liquidation is sent up to the venue's interval after it happened, and marks with a later time before it. */
  #withoutLag(time: number | null): number | null {
    return time === null ? null : time - this.#deps.lagMs;
  }

  #wait(end: SessionEnd): number {
    const { random } = this.#deps;
    if (end.kind !== "blocked" && end.kind !== "limited") return fullJitter(this.#failures, RECONNECT, random);
    const [least, backoff] = end.kind === "blocked" ? [BLOCKED_LEAST_MS, BLOCKED] : [LIMITED_LEAST_MS, LIMITED];
    const asked = Math.min(end.detail.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    // Spread, so that not all connect at the moment the ban ends.
    return asked > 0 ? asked + fullJitter(1, RECONNECT, random) : least + fullJitter(this.#failures, backoff, random);
  }

  #become(state: FeedState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = this.#deps.now();
  }
}

/** The contracts of topics of a plan; none where its topics are not those of single contracts. */
export function contractsOf({ topics }: SocketPlan, names: Iterable<string>): readonly string[] {
  return Array.from(names).flatMap((topic) => topics?.contracts.get(topic) ?? []);
}

/** A silent socket stays `stale` over its reconnects, until it delivers or cannot even be opened. */
function stateAfter(end: SessionEnd, before: FeedState): FeedState {
  if (end.kind === "blocked") return "blocked";
  if (end.kind === "silent") return "stale";
  return before === "stale" && end.kind === "closed" ? "stale" : "connecting";
}

function reasonOf(end: SessionEnd): GapReason {
  if (end.kind === "blocked") return "blocked";
  return end.kind === "silent" ? "silent" : "disconnected";
}
