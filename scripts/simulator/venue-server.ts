import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, STATUS_CODES } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type * as Ws from "ws";
import { binaryFrame, Connection, textFrame } from "./connection.ts";
import type { Clock } from "./scheduler.ts";
import type { RefusalAnswer, Venue, VenueContext } from "./venue.ts";
import type { HttpReply, ReceivedFrame, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";

// Loaded by require, since a bundling test runner resolves the import to the package's browser stub, which throws.
const { WebSocketServer } = createRequire(import.meta.url)("ws") as typeof Ws;

const HOST = "127.0.0.1";
const RECEIVED_KEPT = 2000;

/** The HTTP and WebSocket server under one venue: sockets, refusals, stalls and counts, nothing of its protocol. */
export class VenueServer<S> implements VenueSessions<S> {
  readonly connections = new Set<Connection<S>>();
  readonly received: ReceivedFrame[] = [];
  connectCount = 0;
  stalled = false;
  /** Connections whose upgrade is not answered; null where upgrades are. */
  hanging: Duplex[] | null = null;
  refusal: (RefusalAnswer & { readonly status: number }) | null = null;
  readonly #protocol: VenueProtocol<S>;
  readonly #clock: Clock;
  readonly #http = createServer((request, response) => this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #origin = "";

  constructor(protocol: VenueProtocol<S>, clock: Clock) {
    this.#protocol = protocol;
    this.#clock = clock;
    this.#http.on("upgrade", (request, stream, head) => this.#upgrade(request, stream, head));
  }

  get origin(): string {
    return this.#origin;
  }

  /** @param port 0 takes any free one */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(port, HOST, () => resolve());
    });
    const address = this.#http.address() as AddressInfo;
    this.#origin = `http://${HOST}:${address.port}`;
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.terminate();
    this.hang(false);
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  hang(on: boolean): void {
    for (const stream of this.hanging ?? []) stream.destroy();
    this.hanging = on ? [] : null;
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on("error", () => stream.destroy());
    if (this.hanging !== null) {
      this.hanging.push(stream);
      return;
    }
    const now = this.#clock();
    const url = new URL(request.url ?? "/", this.#origin);
    const upgrade: Upgrade<S> =
      this.refusal === null
        ? this.#protocol.upgrade(url, now, request.headers)
        : { refused: { status: this.refusal.status, body: { msg: "refused" } } };
    if ("refused" in upgrade) {
      refuseUpgrade(stream, upgrade.refused, this.refusal ?? {});
      return;
    }
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      this.connectCount += 1;
      const connection = new Connection(this.connectCount, url, upgrade.session, now, socket, stream, () => this.stalled);
      this.#attend(connection, socket);
      this.#protocol.opened(connection, now);
    });
  }

  #attend(connection: Connection<S>, socket: Ws.WebSocket): void {
    this.connections.add(connection);
    socket.on("message", (data) => this.#receive(connection, textOf(data)));
    socket.on("pong", () => {
      connection.lastPongTime = this.#clock();
    });
    // A client that vanishes is an ordinary end of a socket; "close" follows every error.
    socket.on("error", () => connection.terminate());
    socket.on("close", () => {
      this.connections.delete(connection);
      this.#protocol.closed(connection);
    });
  }

  #receive(connection: Connection<S>, text: string): void {
    const now = this.#clock();
    connection.lastReceivedTime = now;
    this.received.push({ connection: connection.id, path: connection.url.pathname, text, time: now });
    if (this.received.length > RECEIVED_KEPT) this.received.shift();
    this.#protocol.message(connection, text, now);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const url = new URL(request.url ?? "/", this.#origin);
    const reply =
      this.refusal === null
        ? this.#protocol.rest({ method: request.method ?? "GET", url }, this.#clock())
        : { status: this.refusal.status, body: { code: 0, msg: "Service unavailable from a restricted location" } };
    response.writeHead(reply.status, { "content-type": "application/json", ...this.refusal?.headers });
    response.end(this.refusal?.body ?? JSON.stringify(reply.body));
  }
}

/** Brings a venue up on a port of its own and gives the handle that tests hold. */
export async function startVenue<S>(protocol: VenueProtocol<S>, context: VenueContext, port: number): Promise<Venue> {
  const { clock } = context.scheduler;
  const server = new VenueServer(protocol, clock);
  await server.listen(port);
  protocol.start(server);
  return {
    name: protocol.name,
    urls: { ws: server.origin + protocol.paths.ws, rest: server.origin + protocol.paths.rest },
    connections: () => server.connections.size,
    connectCount: () => server.connectCount,
    dropAll: (code) => {
      for (const connection of server.connections) {
        if (code === undefined) connection.cut();
        else connection.close(code, "dropped");
      }
    },
    stall: (on) => {
      server.stalled = on;
    },
    refuse: (status, refusal = {}) => {
      server.refusal = status === null ? null : { status, ...refusal };
    },
    hang: (on) => server.hang(on),
    halfOpen: () => {
      for (const connection of server.connections) connection.halfOpen();
    },
    skew: (ms) => {
      context.scheduler.skewMs = ms;
    },
    serveLiquidations: (service) => {
      protocol.service = service;
    },
    unlist: (contracts) => {
      protocol.unlisted = new Set(contracts);
    },
    waiting: () => protocol.waiting ?? 0,
    withdrawLiquidations: (silently) => protocol.withdraw(silently),
    send: (frame, path = "/") => {
      const encoded = typeof frame === "string" ? textFrame(frame) : { ...binaryFrame(""), data: frame };
      for (const connection of server.connections) if (connection.url.pathname.startsWith(path)) connection.reply(encoded);
    },
    replayNow: () => protocol.replay(clock()),
    liquidate: ({ symbol, side, usd, copies = 1 }) => {
      const { mark } = context.market.quote(symbol);
      context.market.close({ symbol, usd, mark, copies });
      protocol.accept({ exchange: protocol.name, symbol, side, usd, copies, mark, time: clock(), secondContract: false });
    },
    sent: () => protocol.ledger.sent(),
    ledger: () => protocol.ledger.all(),
    received: () => server.received,
    stop: () => server.stop(),
  };
}

function textOf(data: Ws.RawData): string {
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString();
}

function refuseUpgrade(stream: Duplex, reply: HttpReply, refusal: RefusalAnswer): void {
  const body = refusal.body ?? JSON.stringify(reply.body);
  const head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? "Refused"}`;
  const length = String(Buffer.byteLength(body));
  const headers = { "content-type": "application/json", "content-length": length, connection: "close", ...refusal.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.end(`${head}\r\n${lines.join("")}\r\n${body}`);
}
