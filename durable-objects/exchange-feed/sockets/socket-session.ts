import type { Decoder, FeedMessage, ReceivedFrame, RequestJson, SocketPlan } from "../../../src/exchanges/exchange.ts";
import { HttpStatusError, isBlockedStatus, isLimitedStatus, type RefusalDetail } from "../../../src/http-status-error.ts";
import { messageOf } from "../../../src/message-of.ts";
import { writeLog } from "../../../src/log.ts";
import { within } from "../../../src/within.ts";
import { frameText } from "./frame-text.ts";
import { CONFIRM_TIMEOUT_MS, SessionLiveness } from "./session-liveness.ts";
import { TopicRequests } from "./topic-requests.ts";

/** Maximum time for the venue to answer the upgrade or the token request. */
const OPEN_TIMEOUT_MS = 10_000;

export type SessionEnd =
  /** HTTP 403 or 451: the venue refuses connections from our location. */
  | { readonly kind: "blocked"; readonly message: string; readonly detail: RefusalDetail }
  /** HTTP 429 or 418: too many requests to the venue. */
  | { readonly kind: "limited"; readonly message: string; readonly detail: RefusalDetail }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "closed"; readonly message: string }
  /** Open, but its control stream does not deliver, or its liquidations are not confirmed. */
  | { readonly kind: "silent"; readonly message: string }
  /** The venue asked for a new connection, or withdrew a subscription. */
  | { readonly kind: "asked"; readonly message: string };

export interface SessionEvents {
  /** Called with all messages of a frame, in the same turn in which it arrives. */
  messages(feedMessages: readonly FeedMessage[], frame: ReceivedFrame): void;
  /** The liquidations are confirmed and the control stream delivers, for the first time in this session. */
  flowing(receivedTime: number): void;
  confirmed(topics: readonly string[]): void;
  /** The venue refuses a topic of a single contract, or does not confirm it; the session goes on without it. */
  refusedTopic(topic: string, reason: string): void;
  /** Called exactly once, unless the session was closed with `close`. */
  ended(end: SessionEnd): void;
}

export interface SessionDependencies {
  readonly fetch: typeof fetch;
  readonly request: RequestJson;
  readonly now: () => number;
}

/** One connection to one of a venue's sockets, from the handshake to its end; it is never reopened. */
export class SocketSession {
  readonly #plan: SocketPlan;
  readonly #decoder: Decoder;
  readonly #events: SessionEvents;
  readonly #deps: SessionDependencies;
  readonly #withheld: ReadonlySet<string>;
  readonly #requests: TopicRequests | null;
  #renewals = 0;
  readonly #connection = crypto.randomUUID();
  #socket: WebSocket | null = null;
  #over = false;
  #openedTime: number | null = null;
  #lastFrameTime: number | null = null;
  #liveness: SessionLiveness | null = null;
  #keepaliveMs: number | null;
  #keepaliveTime = 0;
  #keepaliveCount = 0;
  /** Frames that wait for their turn; the first one has been sent. */
  readonly #toSend: string[] = [];
  #sentTime: number | null = null;

  /** @param withheld topics that are not requested for now */
  constructor(
    plan: SocketPlan,
    decoder: Decoder,
    events: SessionEvents,
    deps: SessionDependencies,
    withheld: ReadonlySet<string> = new Set(),
  ) {
    this.#plan = plan;
    this.#withheld = withheld;
    this.#requests = plan.topics === undefined ? null : new TopicRequests(plan.topics);
    this.#decoder = decoder;
    this.#events = events;
    this.#deps = deps;
    this.#keepaliveMs = plan.keepalive?.intervalMs ?? null;
  }

  get plan(): SocketPlan {
    return this.#plan;
  }

  get openedTime(): number | null {
    return this.#openedTime;
  }

  get lastFrameTime(): number | null {
    return this.#lastFrameTime;
  }

  get lastControlTime(): number | null {
    return this.#liveness?.lastControlTime ?? null;
  }

  /** The venue's time up to which all of its messages were read, ms; null before the session delivers. */
  get coveredTime(): number | null {
    return this.#liveness?.coveredTime ?? null;
  }

  /** The same for liquidations alone, up to the last proof that the venue serves them. */
  get provenTime(): number | null {
    return this.#liveness?.provenTime ?? null;
  }

  /** The topics of liquidations that the session delivers; none before it delivers. */
  get delivered(): ReadonlySet<string> {
    return this.#liveness?.flows === true ? this.#liveness.confirmed : new Set();
  }

  /** Connects and subscribes. Never rejects: failures are reported to `ended`. */
  async open(): Promise<void> {
    try {
      this.#accept(await within(OPEN_TIMEOUT_MS, (signal) => this.#upgrade(signal)));
    } catch (error) {
      this.#end(refusalOf(error) ?? { kind: "failed", message: messageOf(error) });
    }
  }

  async #upgrade(signal: AbortSignal): Promise<WebSocket> {
    const address = await this.#plan.address(this.#deps.request, this.#connection);
    if (this.#plan.keepalive !== null && address.keepaliveIntervalMs !== undefined) this.#keepaliveMs = address.keepaliveIntervalMs;
    const response = await this.#deps.fetch(address.url, { headers: { ...address.headers, Upgrade: "websocket" }, signal });
    if (response.webSocket === null) throw HttpStatusError.of(response, address.url, await response.text(), this.#deps.now());
    return response.webSocket;
  }

  /** Ends the session without calling `ended`. */
  close(): void {
    this.#over = true;
    closeQuietly(this.#socket);
  }

  /** Requests a topic that was withheld. */
  ask(topic: string): void {
    if (this.#requests !== null) this.#sendPaced([this.#requests.ask([topic])]);
  }

  /** Subscribes to the book of a contract again. @returns false where its plan cannot */
  renewBook(contract: string): boolean {
    const { topics } = this.#plan;
    if (topics?.renewBook === undefined) return false;
    this.#renewals += 1;
    this.#sendPaced(topics.renewBook(this.#renewals, contract));
    return true;
  }

  send(frame: string): void {
    try {
      this.#socket?.send(this.#plan.stamp?.(frame, this.#deps.now()) ?? frame);
    } catch {
      this.#end({ kind: "closed", message: "could not send" });
    }
  }

  /** Called about once per second: keepalive and liveness. */
  tick(now: number): void {
    if (this.#over || this.#openedTime === null) return;
    this.#liveness?.noteClock(now);
    this.#openedTime = Math.min(this.#openedTime, now);
    this.#keepaliveTime = Math.min(this.#keepaliveTime, now);
    const { keepalive } = this.#plan;
    if (keepalive !== null && this.#keepaliveMs !== null && now - this.#keepaliveTime >= this.#keepaliveMs) {
      this.#keepaliveTime = now;
      this.#keepaliveCount += 1;
      this.send(keepalive.frame(this.#keepaliveCount));
    }
    this.#refuseOverdue(now);
    const silence = this.#liveness?.silence(now) ?? null;
    if (silence !== null) this.#end({ kind: "silent", message: silence });
  }

  #accept(socket: WebSocket): void {
    if (this.#over) {
      socket.accept();
      closeQuietly(socket);
      return;
    }
    socket.binaryType = "arraybuffer";
    // An exception inside a listener kills the socket with an `error` and no `close`, so each listener has its own
    // guard.
    socket.addEventListener("message", (message) => this.#message(message.data));
    socket.addEventListener("close", (close) => this.#end({ kind: "closed", message: `closed with ${close.code} ${close.reason}`.trim() }));
    socket.addEventListener("error", (error) => this.#end({ kind: "closed", message: error.message || "socket error" }));
    socket.accept();
    this.#socket = socket;
    this.#openedTime = this.#deps.now();
    this.#liveness = new SessionLiveness(this.#plan, this.#openedTime, this.#withheld);
    this.#keepaliveTime = this.#openedTime;
    if (!this.#plan.waitForWelcome) this.#subscribe();
  }

  #subscribe(): void {
    this.#sendPaced([...(this.#requests?.begin(this.#withheld) ?? []), ...this.#plan.subscribe]);
  }

  /** Sends the frames in order, at the venue's pace. */
  #sendPaced(frames: readonly string[]): void {
    const isIdle = this.#toSend.length === 0;
    this.#toSend.push(...frames);
    if (isIdle) this.#sendNext();
  }

  #sendNext(): void {
    const [frame] = this.#toSend;
    if (frame === undefined || this.#over) return;
    this.send(frame);
    setTimeout(() => {
      this.#toSend.shift();
      this.#sentTime = this.#deps.now();
      this.#sendNext();
    }, this.#plan.sendIntervalMs);
  }

  #message(data: unknown): void {
    if (this.#over) return;
    try {
      const receivedTime = this.#deps.now();
      this.#lastFrameTime = receivedTime;
      const { text, fault } = frameText(data);
      const feedMessages = fault === null ? this.#decode(text, receivedTime) : [{ kind: "reject" as const, reason: fault, text }];
      const withdrawn = this.#note(feedMessages, receivedTime);
      this.#events.messages(feedMessages, { text, receivedTime, socket: this.#plan.name, connection: this.#connection });
      if (withdrawn !== null) this.#end({ kind: "asked", message: withdrawn });
    } catch (error) {
      writeLog("error", { event: "frame_failed", socket: this.#plan.name, error: messageOf(error) });
    }
  }

  /** A decoder must not throw; a frame on which it does is kept like any unreadable one. */
  #decode(text: string, receivedTime: number): readonly FeedMessage[] {
    try {
      return this.#decoder.decode(text, receivedTime);
    } catch (error) {
      return [{ kind: "reject", reason: `decoder failed: ${messageOf(error)}`, text }];
    }
  }

  /** @returns the reason to replace the session, or null */
  #note(feedMessages: readonly FeedMessage[], receivedTime: number): string | null {
    let end: string | null = null;
    for (const feedMessage of feedMessages) {
      const flowed = this.#liveness?.flows ?? false;
      this.#liveness?.note(feedMessage, receivedTime);
      end ??= this.#respond(feedMessage, receivedTime);
      if (!flowed && this.#liveness?.flows === true) this.#events.flowing(receivedTime);
    }
    return end;
  }

  /** @returns the reason to replace the session, or null */
  #respond(message: FeedMessage, receivedTime: number): string | null {
    switch (message.kind) {
      case "welcome":
        if (this.#plan.waitForWelcome) this.#subscribe();
        return null;
      case "reply":
        this.send(message.frame);
        return null;
      case "reconnect":
        return message.reason;
      case "subscribed":
        this.#confirm(this.#requests?.confirm(message.topic) ?? [message.topic], receivedTime);
        return null;
      case "subscriptions":
        return this.#list(message.topics, receivedTime);
      case "refused": {
        const response = this.#requests?.refuse(message);
        if (response === undefined) return null;
        this.#confirm(response.confirmed, receivedTime);
        this.#sendPaced(response.frames);
        return this.#refuse(response.refused, message.reason);
      }
      default:
        return null;
    }
  }

  #confirm(topics: readonly string[], receivedTime: number): void {
    this.#liveness?.confirm(topics, receivedTime);
    this.#events.confirmed(topics);
  }

  #list(topics: readonly string[], receivedTime: number): string | null {
    this.#requests?.close(topics);
    this.#events.confirmed(topics);
    return this.#liveness?.list(new Set(topics), receivedTime) ?? null;
  }

  /** Goes on without these topics. @returns the reason to replace the session: no liquidations are left */
  #refuse(topics: readonly string[], reason: string): string | null {
    for (const topic of topics) {
      this.#liveness?.refuse(topic);
      this.#events.refusedTopic(topic, reason);
    }
    return topics.length > 0 && this.#liveness?.isRefused === true ? `liquidations rejected: ${reason}` : null;
  }

  /** Goes on without topics that the venue did not confirm in time, if it confirmed others. */
  #refuseOverdue(now: number): void {
    const liveness = this.#liveness;
    if (liveness === null || this.#requests === null) return;
    const liquidations = liveness.overdue(now);
    const isSent = this.#toSend.length === 0 && this.#sentTime !== null && now - this.#sentTime >= CONFIRM_TIMEOUT_MS;
    const { confirmations } = this.#plan;
    const market = isSent && liveness.flows ? [...this.#requests.open].filter((topic) => !confirmations.has(topic)) : [];
    const overdue = [...liquidations, ...market];
    if (overdue.length === 0) return;
    const flowed = liveness.flows;
    this.#requests.close(overdue);
    this.#refuse(overdue, `not confirmed within ${CONFIRM_TIMEOUT_MS / 1000} s`);
    if (!flowed && liveness.flows) this.#events.flowing(now);
  }

  #end(end: SessionEnd): void {
    if (this.#over) return;
    this.#over = true;
    closeQuietly(this.#socket);
    this.#events.ended(end);
  }
}

/** A refusal that must not be retried at once; null for every other error. */
function refusalOf(error: unknown): SessionEnd | null {
  if (!(error instanceof HttpStatusError)) return null;
  const { status, detail } = error;
  const message = `refused with HTTP ${status}${detail.isChallenge ? ", a challenge for browsers" : ""}`;
  if (isBlockedStatus(status)) return { kind: "blocked", message, detail };
  return isLimitedStatus(status) ? { kind: "limited", message, detail } : null;
}

/** Closing a socket that is already closing throws; nothing is left to do then. */
export function closeQuietly(socket: WebSocket | null): void {
  try {
    socket?.close(1000, "done");
  } catch {
    // already closed
  }
}
