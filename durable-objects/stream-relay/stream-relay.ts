import { DurableObject } from "cloudflare:workers";
import { type StreamCursor, cursorOfText } from "../../src/stream/cursor.ts";
import type { ClientRequest, HubBeat, LogPage, PushAnswer, RelayPush, RelayStats, StreamPicture } from "../../src/stream/relay-protocol.ts";
import { resumption } from "../../src/stream/resume.ts";
import { IDLE_MS, MAX_REPLAYS } from "../../src/stream/limits.ts";
import type { SymbolTotals } from "../../src/stream/frames.ts";
import { IN_TRANSIT_MS } from "../../src/stream/slow-client.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import { SelfRestart } from "../self-restart.ts";
import { AwakeMeter, usageTally } from "../usage-tally.ts";
import { RelayClient } from "./relay-client.ts";
import { RelayGroups } from "./relay-groups.ts";
import { answerMessage } from "./relay-messages.ts";
import { HubPictures } from "./hub-pictures.ts";
import { OwnerCheck } from "./owner-check.ts";
import { RelayLog } from "./relay-log.ts";
import { type OpeningDependencies, catchUp, openStream, sayGap } from "./relay-opening.ts";
import { type Selection, RelaySender, selectFor } from "./relay-sender.ts";
import { RelayCounts } from "./relay-stats.ts";
import type { TailFrame } from "./relay-tail.ts";

/** How often the sum of what clients hold is taken while frames are sent, ms. */
const RELIEVED_MS = 1_000;

/** Of 20 incoming messages of WebSockets, one request is billed. */
const REQUESTS_PER_MESSAGE = 1 / 20;

/** What a relay needs of the hub and of the rest of the Worker. */
export interface RelayDependencies<Env> {
  /** All that ask the hub may throw. */
  attach(env: Env, relay: string): Promise<StreamPicture>;
  picture(env: Env): Promise<StreamPicture>;
  read(env: Env, after: number): Promise<LogPage>;
  timeAfter(env: Env, sequence: number): Promise<number | null>;
  /** Those of these owners who may have streams no longer, with the reason. May throw. */
  refusedOwners(env: Env, owners: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Stores what the isolate counted. Never throws. */
  storeUsage(env: Env): Promise<void>;
}

/**
 * Holds the sockets of clients and sends them what the hub pushes. It keeps nothing but them: where it is in the stream
 * is in the attachments of its sockets, and what it missed is in the hub's log. Without a timer or an alarm of its own it
 * hibernates between pushes.
 */
export class StreamRelayObject<Env> extends DurableObject<Env> {
  readonly #deps: RelayDependencies<Env>;
  readonly #groups = new RelayGroups();
  readonly #counts = new RelayCounts(Date.now());
  readonly #sender: RelaySender;
  readonly #restart: SelfRestart;
  readonly #awake = new AwakeMeter(usageTally, Date.now);
  readonly #log: RelayLog;
  readonly #pictures: HubPictures;
  readonly #owners: OwnerCheck;
  readonly #opening: OpeningDependencies;
  /** Clients that wait to be accepted. */
  #waiting = 0;
  #relievedTime = 0;

  constructor(ctx: DurableObjectState, env: Env, deps: RelayDependencies<Env>) {
    super(ctx, env);
    this.#deps = deps;
    this.#restart = new SelfRestart({
      object: "StreamRelay",
      abort: (reason) => ctx.abort(reason),
      storage: ctx.storage,
      now: Date.now,
    });
    this.#sender = new RelaySender({
      counts: this.#counts,
      now: Date.now,
      closed: (client) => this.#forget(client),
      resume: (client) => this.#resume(client),
    });
    this.#log = new RelayLog({
      read: (after) => this.#restart.watch(() => deps.read(env, after)),
      deliver: (frames) => this.#deliver(frames),
      missed: (lastTime) => this.#missed(lastTime),
    });
    this.#pictures = new HubPictures({
      attach: (relay) => this.#restart.watch(() => deps.attach(env, relay)),
      picture: () => this.#restart.watch(() => deps.picture(env)),
      begin: (place) => {
        if (this.#log.known === null) this.#log.begin(place);
      },
      now: Date.now,
    });
    this.#opening = {
      sender: this.#sender,
      now: Date.now,
      place: () => this.#log.place,
      read: (after) => this.#log.read(after),
      timeAfter: (sequence) => this.#restart.watch(() => deps.timeAfter(env, sequence)),
      isOpen: (client) => this.#groups.of(client.socket) === client,
    };
    this.#owners = new OwnerCheck((owners) => this.#restart.watch(() => deps.refusedOwners(env, owners)));
    this.#wake();
  }

  /**
   * Accepts the socket of a client; `client` in the query is its `ClientRequest`, `relay` the name of this relay. With
   * `replay`, an owner, the socket carries nothing: while it is open, a replay of this owner counts.
   */
  override fetch(request: Request): Promise<Response> {
    usageTally.add("object_requests");
    return this.#awake.during(() => this.#connect(new URL(request.url)));
  }

  async #connect({ searchParams }: URL): Promise<Response> {
    const replaying = searchParams.get("replay");
    if (replaying !== null) return this.#countReplay(`replay:${replaying}`);
    const asked = JSON.parse(searchParams.get("client") ?? "{}") as ClientRequest;
    const most = Number(searchParams.get("max"));
    const refused = this.#refusalOf(asked, most);
    if (refused !== null) return refused;
    this.#waiting += 1;
    try {
      return await this.#accept(asked, most, searchParams.get("relay") ?? "");
    } finally {
      this.#waiting -= 1;
    }
  }

  #countReplay(tag: string): Response {
    if (this.ctx.getWebSockets(tag).length >= MAX_REPLAYS) return refusal(429, `at most ${MAX_REPLAYS} replays at once`);
    const pair = new WebSocketPair();
    this.ctx.acceptWebSocket(pair[1], [tag]);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  async #accept(asked: ClientRequest, most: number, relay: string): Promise<Response> {
    const cursor = asked.cursor === null ? null : cursorOfText(asked.cursor);
    let picture = await this.#pictures.now(relay);
    if (this.#isBehind(picture, cursor)) picture = await this.#catchUp(relay);
    const { sequence } = this.#log.place;
    const resumed = resumption(cursor, { ...picture.extent, head: Math.max(picture.extent.head, sequence) });
    if (resumed === null) return refusal(400, "is behind the newest frame: the stream never gave it");
    // Others may have come while this one waited for the hub.
    const refused = this.#refusalOf(asked, most);
    if (refused !== null) return refused;
    const pair = new WebSocketPair();
    const [theirs, ours] = [pair[0], pair[1]];
    this.ctx.acceptWebSocket(ours);
    const client = RelayClient.begin(ours, asked);
    this.#groups.add(client);
    client.save(picture.extent.epoch);
    const opening = { client, request: asked, cursor, resumption: resumed, picture };
    this.ctx.waitUntil(this.#awake.during(() => this.#orClose(client, openStream(this.#opening, opening))));
    return new Response(null, { status: 101, webSocket: theirs });
  }

  #refusalOf({ owner, maxStreams }: ClientRequest, most: number): Response | null {
    if (this.#groups.size >= most) return refusal(503, "this relay is full");
    if (owner === null || this.#groups.countOf(owner) < maxStreams) return null;
    return refusal(429, `at most ${maxStreams} streams at once`);
  }

  /** Takes frames from the hub and sends them on. What lies between them and the last ones is read from the log. */
  push(push: RelayPush): Promise<PushAnswer> {
    usageTally.add("object_requests");
    return this.#awake.during(() => this.#log.inOrder(() => this.#taken(push)));
  }

  async #taken(push: RelayPush): Promise<PushAnswer> {
    this.#pictures.pushed();
    await this.#log.take(push);
    const { beat, totals } = push;
    if (beat !== null) this.#beat(beat);
    if (totals !== null) this.#sayTotals(totals);
    // A client that waits for its picture relies on the hub to go on pushing.
    const clients = this.#groups.size + this.#waiting;
    if (clients === 0) this.#pictures.forget();
    return { last: this.#log.place.sequence, clients, wantsTotals: this.#groups.want("totals") };
  }

  stats(relay: string): RelayStats {
    const clients = this.#groups.all;
    const sse = clients.filter(({ request }) => request.transport === "sse").length;
    return {
      relay,
      clients: clients.length,
      websocket_clients: clients.length - sse,
      sse_clients: sse,
      slow_clients: clients.filter(({ reading }) => reading.skipped !== null).length,
      filters: this.#groups.filters,
      since: this.#counts.since,
      closes: this.#counts.closes,
      skipped: this.#counts.skipped,
      minutes: this.#counts.minutes(),
    };
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    usageTally.add("object_requests", REQUESTS_PER_MESSAGE);
    const client = this.#groups.of(socket);
    if (client === undefined || this.#log.known === null) return;
    const { epoch, sequence: head } = this.#log.known;
    const picture = () => this.#recentPicture();
    await answerMessage({ groups: this.#groups, sender: this.#sender, now: Date.now(), epoch, head, picture }, client, message);
  }

  /** A message that needs it is followed before the next one, so nothing else runs while the hub is asked. */
  #recentPicture(): Promise<StreamPicture | null> {
    return this.ctx.blockConcurrencyWhile(() => this.#awake.during(() => this.#pictures.recent()));
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
    this.#gone(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#gone(socket, 1006);
  }

  /** After hibernation: all live clients were sent everything up to the furthest place in their attachments. */
  #wake(): void {
    const awake = this.ctx.getWebSockets().flatMap((socket) => RelayClient.wake(socket) ?? []);
    const live = awake.filter(({ client }) => client.isLive);
    for (const { client } of awake) {
      if (client.isLive) this.#groups.add(client);
      else this.#sender.close(client, 1012, "the relay restarted while it sent what was missed");
    }
    const [first] = live;
    if (first === undefined) return;
    const sequence = Math.max(...live.map(({ client }) => client.delivered));
    this.#log.begin({ epoch: first.epoch, sequence });
    for (const { client } of live) if (client.reading.skipped === null) client.delivered = sequence;
  }

  /** Whether the hub, or a client that another relay served, knows more of the log than this relay. */
  #isBehind({ extent }: StreamPicture, cursor: StreamCursor | null): boolean {
    const { epoch, sequence } = this.#log.place;
    return extent.epoch !== epoch || (cursor?.epoch === epoch && cursor.sequence > sequence);
  }

  /** Asks the hub where the log is, and takes what it has up to there. */
  async #catchUp(relay: string): Promise<StreamPicture> {
    const known = this.#log.place.epoch;
    const picture = await this.#pictures.fresh(relay);
    const { epoch, head } = picture.extent;
    await this.#log.follow(known, { epoch, sequence: head });
    return picture;
  }

  /** A client that did not read for a moment, as in a burst, gets what it was not sent from memory. @returns whether it does */
  #resume(client: RelayClient): boolean {
    const { skipped } = client.reading;
    if (skipped === null || Date.now() - skipped.since >= IN_TRANSIT_MS || !this.#log.holds(client.delivered)) return false;
    client.reading = { ...client.reading, skipped: null };
    client.isLive = false;
    const { epoch } = this.#log.place;
    this.ctx.waitUntil(this.#awake.during(() => this.#orClose(client, catchUp(this.#opening, client, epoch))));
    return true;
  }

  /** Closes a client that cannot be sent what it missed. Never rejects. */
  async #orClose(client: RelayClient, sending: Promise<void>): Promise<void> {
    try {
      await sending;
    } catch (error) {
      writeLog("error", { event: "stream_open_failed", error: messageOf(error) });
      this.#sender.close(client, 1012, "the hub does not respond");
    }
  }

  /** Frames before the place of the relay are missing: the clients learn since when, and continue there. */
  #missed(lastTime: number | null): void {
    const { sequence } = this.#log.place;
    for (const client of this.#groups.live) {
      client.delivered = sequence;
      sayGap({ sender: this.#sender, place: () => this.#log.place }, client, lastTime, Date.now());
    }
  }

  #deliver(frames: readonly TailFrame[]): void {
    const { epoch, sequence: to } = this.#log.place;
    const now = Date.now();
    this.#relieve(epoch, now);
    let isSent = false;
    for (const group of this.#groups.groups()) {
      let selection: Selection | null = null;
      for (const client of group) {
        if (!client.isLive) continue;
        selection ??= selectFor(client, frames);
        this.#sender.deliver(client, epoch, selection, to);
        isSent ||= selection.frames.length > 0;
      }
    }
    this.#keepPlace();
    if (!isSent) return;
    for (const { received_time: received } of frames) if (received !== null) this.#counts.noteLatency(now - received, now);
  }

  #relieve(epoch: string, now: number): void {
    if (now - this.#relievedTime < RELIEVED_MS) return;
    this.#relievedTime = now;
    this.#sender.relieve(this.#groups.all, epoch);
  }

  #beat(beat: HubBeat): void {
    this.#sender.noteBeat(beat);
    const { epoch } = this.#log.place;
    const now = Date.now();
    this.#relieve(epoch, now);
    for (const client of this.#groups.live) {
      const { expires } = client.request;
      if (expires !== null && expires <= now) this.#sender.close(client, 4001, "the API key has expired");
      else if (client.emptySince !== null && now - client.emptySince >= IDLE_MS)
        this.#sender.close(client, 4002, "no subscription for 60 s");
      else if (!this.#sender.closeIfSlow(client, epoch)) {
        this.#sender.sayBeat(client, epoch);
        client.save(epoch);
      }
    }
    this.ctx.waitUntil(this.#awake.during(() => this.#closeRefused()));
    this.ctx.waitUntil(this.#deps.storeUsage(this.env));
  }

  /** Closes the streams of keys that allow none any longer. */
  async #closeRefused(): Promise<void> {
    const refused = await this.#owners.refused(this.#groups.owners);
    if (refused.size === 0) return;
    for (const client of this.#groups.all) {
      const reason = refused.get(client.request.owner ?? "");
      if (reason !== undefined) this.#sender.close(client, 4001, reason);
    }
  }

  #sayTotals(totals: readonly SymbolTotals[]): void {
    const now = Date.now();
    for (const client of this.#groups.live) {
      if (client.filters.some(({ channels }) => channels.includes("totals"))) this.#sender.sayTotals(client, totals, now);
    }
  }

  #gone(socket: WebSocket, code: number): void {
    const client = this.#groups.of(socket);
    if (client === undefined) return;
    this.#counts.noteClose(code);
    this.#forget(client);
  }

  /** Its attachment may have been the one that knew the place. */
  #forget(client: RelayClient): void {
    this.#groups.remove(client);
    this.#keepPlace();
  }

  /** One attachment is enough to know the place after hibernation. */
  #keepPlace(): void {
    const place = this.#log.known;
    if (place !== null) this.#groups.upToDate?.save(place.epoch);
  }
}

/** Without an answer a client that closes waits for its own limit of time. */
function answerClose(socket: WebSocket, code: number): void {
  try {
    // 1005 and 1006 say that no code came, and must not be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  } catch {
    // The connection broke, or the relay closed it first.
  }
}

function refusal(status: number, detail: string): Response {
  return Response.json({ detail }, { status });
}
