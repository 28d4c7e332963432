import type { FeedMessage, SocketPlan } from "../../../src/exchanges/exchange.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";

/** Maximum time for the venue to confirm a subscription. */
export const CONFIRM_TIMEOUT_MS = 15_000;
/** Maximum time without a list of subscriptions where the venue has answered one: a gap begins at the last, so this bounds its length. */
export const LIST_TIMEOUT_MS = 60_000;

/** Checks that an open session delivers: confirmed subscriptions, the control stream, lists of subscriptions, heartbeats of its channel. */
export class SessionLiveness {
  readonly #plan: SocketPlan;
  #openedTime: number;
  readonly #unconfirmed: Set<string>;
  readonly #confirmed = new Set<string>();
  #listedTime: number | null = null;
  #lastControlTime: number | null = null;
  #coveredTime: number | null = null;
  #beatTime: number | null = null;
  /** By how much the venue's clock was ahead of ours in this minute and in the one before, ms. */
  #ahead = { minute: 0, ms: 0, msBefore: 0 };

  /** @param withheld topics that are not requested and need no confirmation */
  constructor(plan: SocketPlan, openedTime: number, withheld: ReadonlySet<string> = new Set()) {
    this.#plan = plan;
    this.#openedTime = openedTime;
    this.#unconfirmed = new Set(without(plan.confirmations, withheld));
  }

  /** Whether all liquidations that were not refused are confirmed and the control stream delivers. */
  get flows(): boolean {
    return this.#unconfirmed.size === 0 && !this.isRefused && this.#lastControlTime !== null;
  }

  /** Whether the venue refused every subscription to liquidations. */
  get isRefused(): boolean {
    return this.#plan.confirmations.size > 0 && this.#unconfirmed.size === 0 && this.#confirmed.size === 0;
  }

  /** The confirmed topics of liquidations. */
  get confirmed(): ReadonlySet<string> {
    return this.#confirmed;
  }

  /** Receipt of the last message of the control stream, ms. */
  get lastControlTime(): number | null {
    return this.#lastControlTime;
  }

  /**
   * The venue's time of the last message of the control stream, ms: later messages are not read yet, however long ago
   * they were sent. Null before the session delivers.
   */
  get coveredTime(): number | null {
    return this.flows ? this.#coveredTime : null;
  }

  /**
   * The venue's time up to which all of its liquidations were read, ms. A venue that lists its subscriptions, or whose channel
   * has heartbeats, may have withdrawn them without a word since it last proved that it serves them. Null before the session delivers.
   */
  get provenTime(): number | null {
    const { coveredTime } = this;
    return coveredTime === null ? null : Math.min(coveredTime, this.#proofTime ?? coveredTime);
  }

  /** Receipt of the last proof that the venue serves its liquidations, ms; null where it gives none. */
  get #proofTime(): number | null {
    const { heartbeatTopic } = this.#plan;
    const isBeating = heartbeatTopic !== undefined && this.#confirmed.has(heartbeatTopic);
    return isBeating ? this.#beatTime : this.#listedTime;
  }

  note(message: FeedMessage, receivedTime: number): void {
    if (this.#plan.control.has(message.kind)) this.#control(message, receivedTime);
    switch (message.kind) {
      case "heartbeat":
        if (message.topic === this.#plan.heartbeatTopic) this.#beatTime = receivedTime;
        return;
      case "liquidation":
      case "execution":
      case "skipped":
        this.#beatTime = receivedTime;
    }
  }

  confirm(topics: Iterable<string>, receivedTime: number): void {
    const wasOpen = this.#unconfirmed.size > 0;
    for (const topic of topics) {
      if (!this.#plan.confirmations.has(topic)) continue;
      this.#unconfirmed.delete(topic);
      this.#confirmed.add(topic);
    }
    // From here on the channel must send heartbeats.
    if (wasOpen && this.#unconfirmed.size === 0) this.#beatTime = receivedTime;
  }

  /** Does without a topic that the venue refuses. */
  refuse(topic: string): void {
    this.#unconfirmed.delete(topic);
    this.#confirmed.delete(topic);
  }

  /**
   * @param listed all subscriptions of the session, according to the venue
   * @returns the reason why the venue no longer delivers although the socket is open; null where it does
   */
  list(listed: ReadonlySet<string>, receivedTime: number): string | null {
    const missing = without(this.#confirmed, listed);
    this.confirm(listed, receivedTime);
    if (missing.size === 0 || this.#listedTime === null) {
      this.#listedTime = receivedTime;
      return null;
    }
    return `${shown(missing)} withdrawn by the venue`;
  }

  /** Liquidations of single contracts that were not confirmed in time, while others were. */
  overdue(now: number): readonly string[] {
    const { topics } = this.#plan;
    if (topics === undefined || this.#confirmed.size === 0 || now - this.#openedTime < CONFIRM_TIMEOUT_MS) return [];
    return [...this.#unconfirmed].filter((topic) => topics.contracts.has(topic));
  }

  /** A time in the future is that of a clock that went back since: its silence counts from now on. */
  noteClock(now: number): void {
    const past = (time: number | null) => (time === null ? null : Math.min(time, now));
    this.#openedTime = Math.min(this.#openedTime, now);
    this.#lastControlTime = past(this.#lastControlTime);
    this.#coveredTime = past(this.#coveredTime);
    this.#listedTime = past(this.#listedTime);
    this.#beatTime = past(this.#beatTime);
  }

  /** @returns what the open session failed to deliver in time, or null */
  silence(now: number): string | null {
    const {
      control,
      controlTimeoutMs,
      heartbeatTopic,
      heartbeatTimeoutMs = controlTimeoutMs,
      listTimeoutMs = LIST_TIMEOUT_MS,
    } = this.#plan;
    const silentMs = now - (this.#lastControlTime ?? this.#openedTime);
    if (silentMs >= controlTimeoutMs) return `open, but no ${[...control].join(" or ")} for ${seconds(silentMs)}`;
    if (this.#unconfirmed.size > 0 && now - this.#openedTime >= CONFIRM_TIMEOUT_MS) {
      return `open, but ${shown(this.#unconfirmed)} not confirmed within ${seconds(CONFIRM_TIMEOUT_MS)}`;
    }
    if (this.#listedTime !== null && now - this.#listedTime >= listTimeoutMs) {
      return `open, but no list of its subscriptions for ${seconds(now - this.#listedTime)}`;
    }
    if (heartbeatTopic === undefined || !this.#confirmed.has(heartbeatTopic)) return null;
    if (this.#beatTime === null || now - this.#beatTime < heartbeatTimeoutMs) return null;
    return `open, but no heartbeat of ${heartbeatTopic} for ${seconds(now - this.#beatTime)}`;
  }

  /** Messages of a socket arrive in order, so everything sent before this one has been read. */
  #control(message: FeedMessage, receivedTime: number): void {
    this.#lastControlTime = receivedTime;
    const sentTime = "time" in message ? this.#sentTime(message.time, receivedTime) : receivedTime;
    this.#coveredTime = Math.max(this.#coveredTime ?? sentTime, sentTime);
  }

  /**
   * The venue's time by our clock. A clock that is ahead would make a message look new, however late it is read, so the
   * known lead is subtracted.
   */
  #sentTime(time: number, receivedTime: number): number {
    const minute = Math.floor(receivedTime / MINUTE_MS);
    const aheadMs = Math.max(0, time - receivedTime);
    const { minute: last, ms, msBefore } = this.#ahead;
    if (minute === last) this.#ahead = { minute, ms: Math.max(ms, aheadMs), msBefore };
    else this.#ahead = { minute, ms: aheadMs, msBefore: minute === last + 1 ? ms : 0 };
    return time - Math.max(this.#ahead.ms, this.#ahead.msBefore);
  }
}

function without(all: ReadonlySet<string>, topics: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...all].filter((topic) => !topics.has(topic)));
}

const SHOWN = 5;

function shown(topics: ReadonlySet<string>): string {
  const names = [...topics];
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return names.slice(0, SHOWN).join(", ") + more;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
