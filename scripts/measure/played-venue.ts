import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { inRunsOf } from "../../src/exchanges/decoding/scope.ts";
import type { Endpoints, Exchange, FeedMessage, MarketPoll, Scope, SocketPlan } from "../../src/exchanges/exchange.ts";
import { MarketContext } from "../../src/market/market-context.ts";
import { Connection, type Frame, textFrame } from "../simulator/connection.ts";
import type { VenueProtocol, VenueSessions } from "../simulator/venue-protocol.ts";

const ADDRESSES: Endpoints = { ws: "http://venue.test", rest: "http://venue.test" };

interface Ping {
  readonly intervalMs: number;
  readonly send: (count: number) => void;
  count: number;
  due: number;
}

/**
 * A simulated venue and the collector's adapter for it, without a network: each frame is read in the turn in which the
 * venue sends it, on a clock of the caller's, so that an hour takes seconds. Polls are made at their own intervals.
 */
export class PlayedVenue<Session> {
  readonly exchange: Exchange;
  readonly contexts: readonly MarketContext[];
  readonly #protocol: VenueProtocol<Session>;
  readonly #take: (message: FeedMessage, now: number, context: MarketContext) => void;
  readonly #polled: MarketContext;
  readonly #polls: readonly { readonly poll: MarketPoll; due: number }[];
  readonly #pings: Ping[] = [];
  #now = 0;

  /** @param take called with every message of the streams, before the next frame */
  constructor(
    exchange: Exchange,
    protocol: VenueProtocol<Session>,
    scope: Scope,
    take: (message: FeedMessage, now: number, context: MarketContext) => void,
  ) {
    this.exchange = exchange;
    this.#protocol = protocol;
    this.#take = take;
    this.#polled = new MarketContext(exchange.readBook, scope.instruments);
    this.#polls = (exchange.polls?.(scope, ADDRESSES) ?? []).map((poll) => ({ poll, due: 0 }));
    const streamed = new MarketContext(exchange.readBook, scope.instruments);
    this.contexts = [streamed, this.#polled];
  }

  /** Opens the adapter's sockets and subscribes as it asks. */
  async open(scope: Scope, now: number): Promise<void> {
    this.#now = now;
    const server: VenueSessions<Session> = { connections: new Set(), origin: ADDRESSES.ws };
    this.#protocol.start(server);
    for (const plan of this.exchange.sockets(scope, ADDRESSES)) await this.#connect(plan, scope);
  }

  async #connect(plan: SocketPlan, scope: Scope): Promise<void> {
    const now = this.#now;
    const { url, headers = {} } = await plan.address(() => Promise.reject(new Error("no token here")), "played");
    const upgrade = this.#protocol.upgrade(new URL(url), now, lowerCase(headers));
    if ("refused" in upgrade) throw new Error(`${this.exchange.name} refuses ${url}`);
    const decoder = this.exchange.createDecoder(scope);
    const [context] = this.contexts;
    if (context === undefined) return;
    const receive = ({ data }: Frame): void => {
      for (const message of decoder.decode(data.toString(), this.#now)) this.#take(message, this.#now, context);
    };
    const connection = new Connection(1, new URL(url), upgrade.session, now, socketTo(receive), {} as Duplex, () => false);
    this.#protocol.opened(connection, now);
    const send = (frame: string): void => this.#protocol.message(connection, plan.stamp?.(frame, this.#now) ?? frame, this.#now);
    for (const frame of subscribing(plan)) send(frame);
    const { keepalive } = plan;
    if (keepalive !== null) {
      this.#pings.push({
        intervalMs: keepalive.intervalMs,
        send: (count) => send(keepalive.frame(count)),
        count: 1,
        due: now + keepalive.intervalMs,
      });
    }
  }

  /** Does what the collector does by the clock. Called once per step, before the venue's own work. */
  tick(now: number): void {
    this.#now = now;
    for (const ping of this.#pings) {
      if (ping.due > now) continue;
      ping.due += ping.intervalMs;
      ping.send(ping.count);
      ping.count += 1;
    }
    for (const polled of this.#polls) {
      if (polled.due > now) continue;
      polled.due = now + polled.poll.intervalMs;
      const { body } = this.#protocol.rest({ method: "GET", url: new URL(polled.poll.url) }, now);
      for (const message of polled.poll.read(JSON.stringify(body), now)) this.#polled.apply(message, now);
    }
  }
}

/** The frames of a plan in the order in which a session sends them. */
function subscribing({ topics, subscribe }: SocketPlan): readonly string[] {
  const perRequest = topics?.perRequest ?? null;
  if (topics === undefined || perRequest === null) return subscribe;
  const groups = inRunsOf(perRequest, [...topics.contracts.keys()]);
  return [...groups.map((names, run) => topics.request(run + 1, names).frame), ...subscribe];
}

function socketTo(receive: (frame: Frame) => void): WebSocket {
  const socket = { readyState: 1, OPEN: 1, bufferedAmount: 0, send: (data: Buffer) => receive({ ...textFrame(""), data }) };
  return socket as unknown as WebSocket;
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
