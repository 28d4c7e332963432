import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { SocketSession } from "../../../durable-objects/exchange-feed/sockets/socket-session.ts";
import type { Decoder, FeedMessage, SocketPlan } from "../../../src/exchanges/exchange.ts";

/** A venue that compresses, pings in its own words and chooses its format by a header. */
const PLAN: SocketPlan = {
  name: "public",
  role: "liquidations",
  address: () => Promise.resolve({ url: "http://venue.test", headers: { "X-Size": "decimal" } }),
  waitForWelcome: false,
  subscribe: [],
  confirmations: new Set(),
  sendIntervalMs: 1,
  keepalive: null,
  control: new Set(["heartbeat"]),
  controlTimeoutMs: 10_000,
  maxAgeMs: null,
};

const DECODER: Decoder = {
  decode: (text): readonly FeedMessage[] =>
    text.startsWith("ping ") ? [{ kind: "reply", frame: text.replace("ping", "pong") }] : [{ kind: "error", message: text }],
};

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test("a session sends the headers of its address, reads compressed frames in order, answers pings and keeps what it cannot read", async () => {
  const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
  server.accept();
  const sent: unknown[] = [];
  server.addEventListener("message", ({ data }) => sent.push(data));
  const requests: RequestInit[] = [];
  const received: FeedMessage[] = [];
  const session = new SocketSession(
    PLAN,
    DECODER,
    {
      messages: (messages) => received.push(...messages),
      flowing: () => {},
      confirmed: () => {},
      refusedTopic: () => {},
      ended: () => {},
    },
    {
      fetch: ((_url: string, init: RequestInit) => {
        requests.push(init);
        return Promise.resolve(new Response(null, { status: 101, webSocket: client }));
      }) as unknown as typeof fetch,
      request: () => Promise.reject(new Error("no REST here")),
      now: () => 1_795_000_000_000,
    },
  );
  await session.open();
  expect(requests[0]?.headers).toEqual({ "X-Size": "decimal", Upgrade: "websocket" });
  for (const text of ["one", "ping 00123", "two"]) server.send(gzipSync(text));
  server.send("three");
  server.send(gzipSync("four").subarray(0, 12));
  await settle();
  expect(sent).toEqual(["pong 00123"]);
  expect(received.map((message) => ("message" in message ? message.message : message.kind))).toEqual([
    "one",
    "reply",
    "two",
    "three",
    "reject",
  ]);
  session.close();
});
