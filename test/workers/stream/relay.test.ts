import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type RelayDependencies, StreamRelayObject } from "../../../durable-objects/stream-relay/stream-relay.ts";
import { usageTally } from "../../../durable-objects/usage-tally.ts";
import { DEFAULT_CHANNELS } from "../../../src/stream/filter.ts";
import { type LogEntry, liquidationEntry } from "../../../src/stream/log-entry.ts";
import type { ClientRequest, LogPage, RelayPush, StreamPicture } from "../../../src/stream/relay-protocol.ts";
import type { LogExtent } from "../../../src/stream/resume.ts";
import type { Env } from "../../../workers/env.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import type { Frame } from "./stream-client.ts";

/** A relay whose hub is made by the test, so that what happens between a question and its answer can be chosen. */

const NOTHING = { time: 0, through: null, gaps: [], oldest_time: 0, venues: [], contracts: null, cascades: [], totals: [] };
const EPOCH = "firstlog";

const pictureOf = (extent: Partial<LogExtent> = {}): StreamPicture => ({
  ...NOTHING,
  extent: { epoch: EPOCH, from: 0, head: 0, ...extent },
});

const entry = (sequence: number, changes: Parameters<typeof sampleLiquidation>[0] = {}): LogEntry => ({
  ...liquidationEntry(sampleLiquidation({ event_id: `binance:BTCUSDT:${sequence}`, ...changes })),
  sequence,
  time: sequence,
});

const pageOf = (epoch: string, after: number, to: number): LogPage => ({
  epoch,
  after,
  to,
  entries: Array.from({ length: to - after }, (_, index) => entry(after + index + 1)),
});

const pushOf = (page: LogPage, beat: RelayPush["beat"] = null): RelayPush => ({ ...page, beat, totals: null });

const HUB: RelayDependencies<Env> = {
  attach: async () => pictureOf(),
  picture: async () => pictureOf(),
  read: async (_, after) => pageOf(EPOCH, after, after),
  timeAfter: async () => null,
  refusedOwners: async () => new Map(),
  storeUsage: async () => undefined,
};
const BEAT = { time: 5, through: 5, gaps: [] };

let relays = 0;
const realNow = Date.now.bind(Date);
let ahead = 0;

// Before a relay begins, which keeps the clock that it finds.
beforeEach(() => {
  ahead = 0;
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + ahead);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Moves the clock of the relay. */
function pass(ms: number): void {
  ahead += ms;
}

/** Runs a test with a relay of its own. */
async function withRelay(
  hub: Partial<RelayDependencies<Env>>,
  run: (relay: StreamRelayObject<Env>, state: DurableObjectState) => Promise<void>,
): Promise<void> {
  relays += 1;
  await runInDurableObject(env.STREAM_RELAY.getByName(`test-${relays}`), async (_, state) => {
    await run(new StreamRelayObject(state, env as Env, { ...HUB, ...hub }), state);
  });
}

/** @returns the status, and the frames of the client as they come */
async function join(relay: StreamRelayObject<Env>, changes: Partial<ClientRequest> = {}) {
  const filter = { channels: DEFAULT_CHANNELS, symbols: null, exchanges: null, side: null, min_usd: null, inferred: false };
  const limits = { owner: null, maxStreams: 0, expires: null };
  const client: ClientRequest = {
    transport: "websocket",
    filter,
    cursor: null,
    slow: "skip",
    quiet: false,
    beats: 0,
    ...limits,
    ...changes,
  };
  const query = new URLSearchParams({ relay: "test", max: "1000", client: JSON.stringify(client) });
  const { status, webSocket } = await relay.fetch(new Request(`https://relay/?${query.toString()}`));
  const frames: Frame[] = [];
  let closed: { code: number; reason: string } | null = null;
  webSocket?.addEventListener("message", ({ data }) => {
    frames.push(JSON.parse(String(data)));
  });
  webSocket?.addEventListener("close", ({ code, reason }) => {
    closed = { code, reason };
  });
  webSocket?.accept();
  return {
    status,
    frames,
    ids: () => frames.filter(({ type }) => type === "liquidation").map(({ id }) => id),
    of: (type: string) => frames.filter((frame) => frame.type === type),
    /** Code and reason of the close; null while the stream is open. */
    closed: () => closed,
  };
}

/** What the relay says to a client's message, as if it had come over the client's socket. */
async function say(relay: StreamRelayObject<Env>, state: DurableObjectState, message: object): Promise<void> {
  for (const socket of state.getWebSockets()) await relay.webSocketMessage(socket, JSON.stringify(message));
}

/** A push of frames that are together so long. */
const longPush = (after: number, bytes: number): RelayPush => {
  const count = Math.ceil(bytes / 8_000);
  const entries = Array.from({ length: count }, (_, index) => entry(after + index + 1, { instrument: "x".repeat(8_000) }));
  return pushOf({ epoch: EPOCH, after, to: after + count, entries });
};

test("a push that comes while a client waits for its picture does not end the pushes", async () => {
  let answered = -1;
  await withRelay(
    {
      attach: async () => {
        answered = (await current?.push(pushOf(pageOf(EPOCH, 0, 0))))?.clients ?? -1;
        return pictureOf();
      },
    },
    async (relay) => {
      current = relay;
      const client = await join(relay);
      expect(answered).toBe(1);
      await relay.push(pushOf(pageOf(EPOCH, 0, 1)));
      await until("the frame", () => client.ids().length === 1);
    },
  );
});
let current: StreamRelayObject<Env> | null = null;

test("two clients that come at once do not pass the limit of their owner together", async () => {
  await withRelay({}, async (relay) => {
    const both = await Promise.all([join(relay, { owner: "key", maxStreams: 1 }), join(relay, { owner: "key", maxStreams: 1 })]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([101, 429]);
  });
});

test("a cursor that another relay gave is taken before this relay was sent its frame, and its clients miss nothing", async () => {
  let head = 0;
  const hub = {
    picture: async () => pictureOf({ head }),
    read: async (_: Env, after: number) => pageOf(EPOCH, after, head),
  };
  await withRelay(hub, async (relay) => {
    const first = await join(relay);
    head = 3;
    const second = await join(relay, { cursor: `${EPOCH}-2` });
    expect(second.status).toBe(101);
    expect((await join(relay, { cursor: `${EPOCH}-4` })).status).toBe(400);
    await relay.push(pushOf(pageOf(EPOCH, 3, 4)));
    await until("the frames", () => second.ids().length === 2 && first.ids().length === 4);
    expect(first.ids()).toEqual([1, 2, 3, 4].map((sequence) => `${EPOCH}-${sequence}`));
    expect(second.ids()).toEqual([3, 4].map((sequence) => `${EPOCH}-${sequence}`));
  });
});

test("a client that catches up when the log is lost learns of it, and gets the new log from its beginning", async () => {
  let answer: ((page: LogPage) => void) | null = null;
  const hub = {
    attach: async () => pictureOf({ head: 900 }),
    // The read of the client waits, until the log is lost.
    read: (_: Env, after: number) =>
      after === 800
        ? new Promise<LogPage>((resolve) => {
            answer = resolve;
          })
        : Promise.resolve(pageOf("secondlog", after, Math.max(after, 2))),
  };
  await withRelay(hub, async (relay) => {
    const client = await join(relay, { cursor: `${EPOCH}-800` });
    await until("it reads", () => answer !== null);
    await relay.push(pushOf({ epoch: "secondlog", after: 2, to: 2, entries: [] }));
    answer?.(pageOf(EPOCH, 800, 900));
    await until("the new log", () => client.ids().includes("secondlog-2"));
    expect(client.frames.some(({ type, id }) => type === "gap" && id === "secondlog-0")).toBe(true);
    expect(client.ids().filter((id: string) => id.startsWith("secondlog"))).toEqual(["secondlog-1", "secondlog-2"]);
  });
});

test("a beat says nothing of what was sent to a client whose frames are skipped", async () => {
  await withRelay({}, async (relay) => {
    const client = await join(relay);
    await relay.push(pushOf(pageOf(EPOCH, 0, 1), BEAT));
    await until("a beat", () => client.frames.at(-1)?.type === "beat");
    expect(client.frames.at(-1)?.through).toBe(5);
    const large = Array.from({ length: 300 }, (_, index) => entry(index + 2, { instrument: "x".repeat(4_000) }));
    await relay.push(pushOf({ epoch: EPOCH, after: 1, to: 301, entries: large.slice(0, 290) }));
    await relay.push(pushOf({ epoch: EPOCH, after: 301, to: 302, entries: [entry(302)] }));
    await relay.push(pushOf(pageOf(EPOCH, 302, 302), BEAT));
    await until("a beat that does not say so", () => client.frames.some(({ type, through }) => type === "beat" && through === null));
    expect(client.ids()).not.toContain(`${EPOCH}-302`);
  });
});

test("a beat closes the streams of a key that was revoked, and those of another key go on", async () => {
  const refused = new Map<string, string>();
  await withRelay({ refusedOwners: async () => refused }, async (relay) => {
    const [revoked, other] = [await join(relay, { owner: "key_a", maxStreams: 9 }), await join(relay, { owner: "key_b", maxStreams: 9 })];
    await relay.push(pushOf(pageOf(EPOCH, 0, 1), BEAT));
    await until("both have it", () => revoked.ids().length === 1 && other.ids().length === 1);
    refused.set("key_a", "This API key was revoked.");
    await relay.push(pushOf(pageOf(EPOCH, 1, 1), BEAT));
    await until("it is closed", () => revoked.closed() !== null);
    expect(revoked.closed()).toEqual({ code: 4001, reason: "This API key was revoked." });
    await relay.push(pushOf(pageOf(EPOCH, 1, 2), BEAT));
    await until("the other goes on", () => other.ids().length === 2);
    expect(other.closed()).toBe(null);
    expect((await join(relay, { owner: "key_a", maxStreams: 1 })).status).toBe(101);
  });
});

test("owners that cannot be checked keep their streams, and are checked again at the next beat", async () => {
  let checks = 0;
  const refusedOwners = async () => {
    checks += 1;
    if (checks === 1) throw new Error("D1 does not respond");
    return new Map([["key_a", "This API key was revoked."]]);
  };
  vi.spyOn(console, "error").mockImplementation(() => {});
  await withRelay({ refusedOwners }, async (relay) => {
    const client = await join(relay, { owner: "key_a", maxStreams: 9 });
    await until("live", async () => {
      await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
      return checks === 1;
    });
    expect(client.closed()).toBe(null);
    await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
    await until("closed", () => client.closed()?.code === 4001);
  });
});

test("a key that expires while its stream is open closes it with 4001", async () => {
  await withRelay({}, async (relay) => {
    const client = await join(relay, { owner: "key_a", maxStreams: 9, expires: Date.now() + 60_000 });
    await until("a beat", async () => {
      await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
      return client.of("beat").length > 0;
    });
    pass(61_000);
    await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
    await until("closed", () => client.closed() !== null);
    expect(client.closed()).toEqual({ code: 4001, reason: "the API key has expired" });
  });
});

test("a client without a subscription for 60 s is closed with 4002, and not before", async () => {
  await withRelay({}, async (relay, state) => {
    const client = await join(relay);
    await until("greeted", () => client.of("snapshot").length === 1);
    await say(relay, state, { op: "unsubscribe", id: "url" });
    pass(59_000);
    await relay.push(pushOf(pageOf(EPOCH, 0, 1), BEAT));
    await until("a beat", () => client.of("beat").length === 1);
    expect(client.ids()).toEqual([]);
    pass(61_000);
    await relay.push(pushOf(pageOf(EPOCH, 1, 1), BEAT));
    await until("closed", () => client.closed() !== null);
    expect(client.closed()).toEqual({ code: 4002, reason: "no subscription for 60 s" });
  });
});

/** A market in which Binance lists BTC and OKX has not said yet what it lists, or lists ETH. */
const marketOf = (okx: "unread" | "read"): StreamPicture => {
  const venue = { state: "live" as const, since: 0, through: 0, inferred: false, coverage: "all_reported" as const, open_gap: null };
  const listed = [
    { exchange: "binance" as const, symbol: "BTC", instruments: ["BTCUSDT"] },
    { exchange: "okx" as const, symbol: "ETH", instruments: ["ETH-USDT-SWAP"] },
  ];
  return {
    ...pictureOf(),
    venues: [
      { ...venue, exchange: "binance" },
      { ...venue, exchange: "okx" },
    ],
    contracts: listed.filter(({ exchange }) => okx === "read" || exchange === "binance"),
  };
};

test("a subscription to a base asset that no venue lists is refused, once all venues have said what they list", async () => {
  for (const okx of ["unread", "read"] as const) {
    await withRelay({ attach: async () => marketOf(okx), picture: async () => marketOf(okx) }, async (relay, state) => {
      const client = await join(relay);
      await until("greeted", () => client.of("snapshot").length === 1);
      await say(relay, state, { op: "subscribe", id: "typo", symbol: ["BTC", "BTD"] });
      await say(relay, state, { op: "subscribe", id: "elsewhere", symbol: "BTC", exchange: "okx" });
      const answers = () => [...client.of("answer"), ...client.of("error")];
      await until("two answers", () => answers().length === 2);
      expect(client.of("answer").at(-1)).toMatchObject({
        id: "elsewhere",
        notices: ["No venue of the filter lists a trading contract of BTC."],
      });
      const typo = answers().find(({ id }) => id === "typo");
      if (okx === "unread") expect(typo.notices).toEqual(["No venue of the filter lists a trading contract of BTD."]);
      else expect(typo.detail).toMatch(/^symbol: no venue lists a contract of BTD;/);
    });
  }
});

test("a subscription is followed where the hub does not say what is listed, and those after it do not wait for it", async () => {
  let isDown = false;
  let asked = 0;
  const picture = async () => {
    asked += 1;
    if (isDown) throw new Error("the hub is down");
    return marketOf("read");
  };
  await withRelay({ attach: picture, picture }, async (relay, state) => {
    const client = await join(relay);
    await until("greeted", () => client.of("snapshot").length === 1);
    isDown = true;
    pass(61_000);
    await say(relay, state, { op: "subscribe", id: "any", symbol: "BTD" });
    await until("an answer", () => client.of("answer").length === 1);
    expect(client.of("answer")[0]).toMatchObject({ id: "any", notices: [] });
    const askedOnce = asked;
    pass(9_000);
    await say(relay, state, { op: "subscribe", id: "other", symbol: "BTD" });
    expect(asked).toBe(askedOnce);
    isDown = false;
    pass(2_000);
    await say(relay, state, { op: "subscribe", id: "typo", symbol: "BTD" });
    await until("a refusal", () => client.of("error").length === 1);
    expect(client.of("answer").map(({ id }) => id)).toEqual(["any", "other"]);
  });
});

test("a client that asked for slow=close is closed with 4003 where another skips", async () => {
  await withRelay({}, async (relay, state) => {
    const [closes, skips] = [await join(relay, { slow: "close" }), await join(relay)];
    await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
    await until("beats", () => closes.of("beat").length === 1 && skips.of("beat").length === 1);
    await say(relay, state, { op: "ack", n: 1 });
    await relay.push(longPush(0, 300_000));
    await relay.push(pushOf(pageOf(EPOCH, 38, 39)));
    await until("closed", () => closes.closed() !== null);
    expect(closes.closed()).toMatchObject({ code: 4003, reason: expect.stringContaining("slow=close") });
    expect(skips.closed()).toBe(null);
    expect(skips.ids()).not.toContain(`${EPOCH}-39`);
  });
});

test("a client that reads nothing for 30 s is sent what it was not sent, by name, and closed with 4003", async () => {
  await withRelay({}, async (relay, state) => {
    const client = await join(relay);
    await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
    await until("a beat", () => client.of("beat").length === 1);
    await say(relay, state, { op: "ack", n: 1 });
    await relay.push(longPush(0, 300_000));
    await relay.push(pushOf(pageOf(EPOCH, 38, 40)));
    pass(31_000);
    await relay.push(pushOf(pageOf(EPOCH, 40, 40), BEAT));
    await until("closed", () => client.closed() !== null);
    expect(client.closed()).toEqual({ code: 4003, reason: "more than 256 kB was not read for 30 s" });
    expect(client.of("skipped")).toMatchObject([{ from_id: `${EPOCH}-39`, to_id: `${EPOCH}-40`, count: 2 }]);
  });
});

test("clients that do not read are closed, the slowest first, before they hold more than 32 MB together; one that reads stays", async () => {
  await withRelay({}, async (relay, state) => {
    const reads = await join(relay);
    const reader = state.getWebSockets()[0];
    if (reader === undefined) throw new Error("no socket");
    const acknowledge = () => relay.webSocketMessage(reader, JSON.stringify({ op: "ack", n: reads.of("beat").at(-1)?.n ?? 0 }));
    // Those of the first ten have more to read than the others.
    const slow: Awaited<ReturnType<typeof join>>[] = [];
    for (let n = 0; n < 10; n += 1) slow.push(await join(relay));
    await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
    await until("live", () => slow.every((client) => client.of("beat").length > 0));
    await relay.push(longPush(0, 200_000));
    await until("the reader has it", () => reads.ids().length === 25);
    acknowledge();
    for (let n = 0; n < 40; n += 1) slow.push(await join(relay));
    await until("all are greeted", () => slow.every((client) => client.of("snapshot").length > 0));
    await relay.push(longPush(25, 700_000));
    await until("the reader has all", () => reads.ids().length === 113);
    acknowledge();
    pass(6_000);
    await relay.push(pushOf(pageOf(EPOCH, 113, 114)));
    await until("some are closed", () => slow.some((client) => client.closed() !== null));
    expect(slow.slice(0, 10).every((client) => client.closed()?.code === 4003)).toBe(true);
    const open = slow.filter((client) => client.closed() === null);
    expect(open.length * 700_000).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect(open.length).toBeGreaterThan(30);
    expect(reads.closed()).toBe(null);
    await until("the reader has the next", () => reads.ids().length === 114);
  });
});

test("a cursor from before the log is resumed in part: a gap names the times, and what the log has follows", async () => {
  const hub = {
    attach: async () => ({ ...pictureOf({ from: 100, head: 103 }), oldest_time: 5_000 }),
    timeAfter: async (_: Env, sequence: number) => (sequence === 40 ? 1_000 : null),
    read: async (_: Env, after: number) => pageOf(EPOCH, after, 103),
  };
  await withRelay(hub, async (relay) => {
    const client = await join(relay, { cursor: `${EPOCH}-40` });
    await until("what the log has", () => client.ids().length === 3);
    expect(client.of("hello")).toMatchObject([{ resumed: "partial", id: `${EPOCH}-100` }]);
    expect(client.of("gap")).toMatchObject([
      { id: `${EPOCH}-100`, from_time: 1_000, to_time: 5_000, request: "/v1/liquidations?start=1000&end=5001&order=asc" },
    ]);
    expect(client.ids()).toEqual([101, 102, 103].map((sequence) => `${EPOCH}-${sequence}`));
  });
});

test("a relay whose calls fail for good starts afresh, and notes why", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  let note: { readonly error: string } | undefined;
  const fault = new Error("Too many subrequests by single Worker invocation.");
  await withRelay({ attach: () => Promise.reject(fault) }, async (relay, state) => {
    pass(3 * 60_000);
    for (let n = 0; n < 5; n += 1) await join(relay).catch(() => null);
    note = state.storage.kv.get("self_restart");
  }).catch(() => undefined);
  expect(note?.error).toContain("Too many subrequests");
});

test("pushes, connections and messages are counted for the bill, and so is the time that they take", async () => {
  usageTally.take(0, 0);
  const now = Date.now();
  await withRelay({ read: async (_, after) => pageOf(EPOCH, after, 2) }, async (relay, state) => {
    await join(relay);
    await relay.push(pushOf(pageOf(EPOCH, 0, 1)));
    await say(relay, state, { op: "ping", id: 1 });
  });
  const counted = usageTally.take(now + 1e9, 0);
  expect(counted?.get("object_requests")).toBeGreaterThanOrEqual(2.05);
});

test("clients that come back together after the relay started again cost the hub one reading of the log", async () => {
  let reads = 0;
  const hub = {
    attach: async () => pictureOf({ head: 2_900 }),
    picture: async () => pictureOf({ head: 2_900 }),
    read: async (_: Env, after: number) => {
      reads += 1;
      return pageOf(EPOCH, after, Math.min(2_900, after + 500));
    },
  };
  await withRelay(hub, async (relay) => {
    const cursors = Array.from({ length: 30 }, (_, n) => 2_890 - n);
    const clients = await Promise.all(cursors.map((cursor) => join(relay, { cursor: `${EPOCH}-${cursor}` })));
    await until("all have what they missed", () => clients.every((client, n) => client.ids().length === 10 + n));
    expect(clients.map((client) => client.ids()[0])).toEqual(cursors.map((cursor) => `${EPOCH}-${cursor + 1}`));
    // The thousand frames that are kept, in pages of 500.
    expect(reads).toBe(2);
    const older = await join(relay, { cursor: `${EPOCH}-1800` });
    await until("what is older, from the hub", () => older.ids().length >= 200);
    expect(older.ids().slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, n) => `${EPOCH}-${1_801 + n}`));
  });
});

test("a burst that is more than a client may leave unread is sent whole to one that reads, in order", async () => {
  await withRelay({}, async (relay, state) => {
    const client = await join(relay);
    await relay.push(pushOf(pageOf(EPOCH, 0, 0), BEAT));
    await until("a beat", () => client.of("beat").length === 1);
    await say(relay, state, { op: "ack", n: 1 });
    await relay.push(longPush(0, 300_000));
    await relay.push(pushOf(pageOf(EPOCH, 38, 40)));
    await until("the first part", () => client.ids().length === 38);
    await say(relay, state, { op: "ack", n: client.of("beat").at(-1)?.n });
    await relay.push(pushOf(pageOf(EPOCH, 40, 41)));
    await until("all of it", () => client.ids().length === 41);
    expect(client.ids()).toEqual(Array.from({ length: 41 }, (_, n) => `${EPOCH}-${n + 1}`));
    expect(client.of("skipped")).toEqual([]);
    expect(relay.stats("test").skipped).toBe(0);
  });
});
