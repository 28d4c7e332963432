import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { readCascade } from "./cascade-script.ts";
import type { Venues } from "./start-venues.ts";
import { environment } from "./start-venues.ts";
import type { Venue } from "./venue.ts";
import { messageOf } from "../../src/message-of.ts";
import { LIQUIDATION_SERVICES } from "./venue-protocol.ts";

/** The running control server of `startControl`. */
export interface Control {
  readonly url: string;
  stop(): Promise<void>;
}

/** What may be done to one venue: `POST /control/<venue>/<action>` with the arguments as JSON. */
const ACTIONS: Readonly<Record<string, (venue: Venue, body: unknown) => void>> = {
  drop: (venue, body) => {
    const { code } = z.object({ code: z.int().min(1000).max(4999).optional() }).parse(body);
    venue.dropAll(code);
  },
  stall: (venue, body) => venue.stall(z.object({ on: z.boolean().default(true) }).parse(body).on),
  refuse: (venue, body) => {
    const status = z.int().min(400).max(599).nullable();
    const refusal = z.object({ status, headers: z.record(z.string(), z.string()).default({}), body: z.string().optional() }).parse(body);
    const text = refusal.body === undefined ? {} : { body: refusal.body };
    venue.refuse(refusal.status, { headers: refusal.headers, ...text });
  },
  hang: (venue, body) => venue.hang(z.object({ on: z.boolean().default(true) }).parse(body).on),
  "half-open": (venue) => venue.halfOpen(),
  skew: (venue, body) => venue.skew(z.object({ ms: z.int() }).parse(body).ms),
  serve: (venue, body) => venue.serveLiquidations(z.object({ liquidations: z.enum(LIQUIDATION_SERVICES) }).parse(body).liquidations),
  unlist: (venue, body) => venue.unlist(z.object({ contracts: z.array(z.string()) }).parse(body).contracts),
  withdraw: (venue, body) => venue.withdrawLiquidations(z.object({ silently: z.boolean().default(false) }).parse(body).silently),
  send: (venue, body) => {
    const { text, base64, path } = z
      .object({ text: z.string().optional(), base64: z.string().optional(), path: z.string().optional() })
      .parse(body);
    venue.send(text ?? Buffer.from(base64 ?? "", "base64"), path);
  },
  replay: (venue) => venue.replayNow(),
  liquidate: (venue, body) => {
    const order = {
      symbol: z.string(),
      side: z.enum(POSITION_SIDES),
      usd: z.number().positive(),
      copies: z.int().min(1).max(10).default(1),
    };
    venue.liquidate(z.object(order).parse(body));
  },
};

/**
 * The same control over HTTP, for another process: `GET /control/status`, `/control/environment`,
 * `/control/cascades`, `/control/<venue>/sent`, `/ledger`, `/received`; `POST /control/cascade` and the actions.
 * @param port 0 takes any free one
 */
export async function startControl(venues: Venues, port: number): Promise<Control> {
  const server = createServer((request, response) => void answer(venues, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(venues: Venues, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await respond(venues, request);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function respond(venues: Venues, request: IncomingMessage): Promise<Answer> {
  try {
    const [, root, first = "", second = ""] = (request.url ?? "").replace(/\?.*$/, "").split("/");
    const body = request.method === "POST" ? await readJson(request) : undefined;
    const found = root === "control" ? answerControl(venues, first, second, body) : undefined;
    return found === undefined ? { status: 404, body: { error: "no such route" } } : { status: 200, body: found };
  } catch (error) {
    return { status: 400, body: { error: messageOf(error) } };
  }
}

function answerControl(venues: Venues, first: string, second: string, body: unknown): unknown {
  const posted = body !== undefined;
  if (!posted && first === "status") return venues.all().map(statusOf);
  if (!posted && first === "environment") return environment(venues);
  if (!posted && first === "cascades") return venues.cascades();
  if (posted && first === "cascade") return venues.cascade(readCascade(body));
  const venue = venues.all().find(({ name }) => name === first);
  if (venue === undefined) return undefined;
  if (!posted) return answerVenue(venue, second);
  const action = ACTIONS[second];
  action?.(venue, body);
  return action === undefined ? undefined : statusOf(venue);
}

function answerVenue(venue: Venue, what: string): unknown {
  if (what === "sent") return venue.sent();
  if (what === "ledger") return venue.ledger();
  return what === "received" ? venue.received() : undefined;
}

function statusOf(venue: Venue): unknown {
  const { name, urls } = venue;
  return { name, urls, connections: venue.connections(), connect_count: venue.connectCount(), sent: venue.sent().length };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer));
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : JSON.parse(text);
}
