import { afterEach, expect, test, vi } from "vitest";
import {
  ConnectionError,
  LiquidationsClient,
  type LostItem,
  type StreamItem,
  type StreamOptions,
  UnauthorizedError,
  UnknownSymbolError,
} from "../../../../clients/typescript/src/index.ts";
import { closedAddress, events, problem, serve } from "./serve.ts";

afterEach(() => vi.restoreAllMocks());

/** The items up to the `count`-th that is none of the client's own. */
async function firstFrames(url: string, count: number, options: StreamOptions = {}): Promise<readonly StreamItem[]> {
  const items: StreamItem[] = [];
  for await (const item of new LiquidationsClient({ url, key: "secret" }).stream({ silence_ms: 5_000, ...options })) {
    items.push(item);
    if (items.filter(({ type }) => type !== "lost").length === count) break;
  }
  return items;
}

/** The first `count` times that the connection was lost. */
async function firstLost(url: string, count: number, timeoutMs = 20_000): Promise<readonly LostItem[]> {
  const lost: LostItem[] = [];
  for await (const item of new LiquidationsClient({ url, timeoutMs }).stream()) {
    if (item.type === "lost") lost.push(item);
    if (lost.length === count) break;
  }
  return lost;
}

const live = (n: number) => ({ type: "live", id: `e-${n}`, time: n });
const liquidation = (n: number, id: string | null = `e-${n}`) => ({
  type: "liquidation",
  ...(id === null ? { replayed: true } : { id }),
  data: { event_id: `okx:${n}`, event_time: 1_000 * n },
});
const busy = problem(503, "stream_unavailable", {}, { "Retry-After": "0" });

test("a stream that ends is opened again after the last frame, and a replay is not asked for twice", async () => {
  const { url, requests } = await serve(events([live(1), live(2)]), events([live(3)]));
  const items = await firstFrames(url, 3, { symbol: ["BTC", "ETH"], from: "2026-11-20", speed: 10 });
  expect(items.filter(({ type }) => type === "live")).toEqual([live(1), live(2), live(3)]);
  expect(items.find(({ type }) => type === "lost")).toMatchObject({ last_event_id: "e-2", failures: 1 });
  expect(requests.map(({ url: path, headers }) => [path, headers.authorization])).toEqual([
    ["/v1/stream?symbol=BTC%2CETH&from=2026-11-20&speed=10", "Bearer secret"],
    ["/v1/stream?symbol=BTC%2CETH&last_event_id=e-2", "Bearer secret"],
  ]);
});

test("a replay that is cut among stored events is continued from the time of the last one, and none comes twice", async () => {
  const { url, requests } = await serve(
    events([liquidation(1, null), liquidation(2, null)]),
    events([liquidation(2, null), liquidation(3, null)]),
  );
  const items = await firstFrames(url, 3, { from: 0, speed: 1_000 });
  expect(items.flatMap((item) => (item.type === "liquidation" ? [item.data.event_id] : []))).toEqual(["okx:1", "okx:2", "okx:3"]);
  expect(requests[1]?.url).toBe("/v1/stream?from=2000&speed=1000");
});

test("an event that two logs have comes once", async () => {
  const { url } = await serve(
    events([liquidation(1)]),
    events([
      { ...liquidation(1), id: "f-1" },
      { ...liquidation(2), id: "f-2" },
    ]),
  );
  const items = await firstFrames(url, 2);
  expect(items.flatMap((item) => (item.type === "liquidation" ? [item.id] : []))).toEqual(["e-1", "f-2"]);
});

test("a connection that goes silent is given up and opened again", async () => {
  const { url, requests } = await serve(events([live(1)], false), events([live(2)]));
  const items = await firstFrames(url, 2, { silence_ms: 200 });
  expect(items.find(({ type }) => type === "lost")).toMatchObject({ reason: "nothing came for 0.2 s", last_event_id: "e-1" });
  expect(requests).toHaveLength(2);
});

test("a proxy that holds the stream back is suspected where not even the first frame comes", async () => {
  const { url } = await serve((_request, response) => response.writeHead(200).flushHeaders(), events([live(1)]));
  const items = await firstFrames(url, 1, { silence_ms: 200 });
  expect(items.find(({ type }) => type === "lost")).toMatchObject({
    reason: "nothing came for 0.2 s, not even the first frame: a proxy in between may hold the stream back",
    last_event_id: null,
  });
});

test("a server that is busy is asked again after the time it names", async () => {
  const { url } = await serve(busy, busy, events([live(1)]));
  const reason = "the server answered 503: because of stream_unavailable";
  expect((await firstFrames(url, 1)).slice(0, 2)).toEqual([
    { type: "lost", reason, wait_ms: 0, failures: 1, last_event_id: null },
    { type: "lost", reason, wait_ms: 0, failures: 2, last_event_id: null },
  ]);
});

test("a server that greets and closes is asked again after waits that grow, until it brings something", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.01);
  const hello = { type: "hello", id: "e-0", time: 1, filter: { channels: ["liquidation"] } };
  const closed = { type: "closed", code: 1001, reason: "Going away." };
  const greeting = events([hello, { type: "snapshot", time: 1 }, closed]);
  const { url } = await serve(greeting, greeting, greeting, events([hello, live(1), closed]), events([hello, live(2)], false));
  const items = await firstFrames(url, 10);
  expect(items.flatMap((item) => (item.type === "lost" ? [[item.failures, item.wait_ms]] : []))).toEqual([
    [1, 5],
    [2, 10],
    [3, 20],
    [1, 5],
  ]);
});

test("clients that a restart cut come back spread over 5 s", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.9);
  const { url } = await serve(events([live(1), { type: "closed", code: 1012, reason: "A restart." }]));
  const lost = await firstLost(url, 1);
  expect(lost).toMatchObject([{ reason: "A restart. (1012)", wait_ms: 4_500 }]);
});

test("an address that was never reached is asked five times, and a server that began once as often as the loop wants", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const url = await closedAddress();
  const lost: LostItem[] = [];
  const reading = (async () => {
    for await (const item of new LiquidationsClient({ url }).stream()) if (item.type === "lost") lost.push(item);
  })();
  await expect(reading).rejects.toThrow(`${url} cannot be reached`);
  await expect(reading).rejects.toBeInstanceOf(ConnectionError);
  expect(lost.map(({ failures }) => failures)).toEqual([1, 2, 3, 4]);
  const { url: begun } = await serve(events([live(1)]), ...Array.from({ length: 8 }, () => busy));
  expect((await firstLost(begun, 8)).map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("a refusal whose body never comes is one all the same", async () => {
  const { url } = await serve((_request, response) => response.writeHead(503).flushHeaders());
  const lost = await firstLost(url, 1, 100);
  expect(lost[0]?.reason).toContain("the server answered 503");
});

test("a request that will be refused again ends the stream with the class of its code", async () => {
  const { url } = await serve(problem(404, "unknown_symbol", { nearest: ["BTC"] }));
  const error = await firstFrames(url, 1).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnknownSymbolError);
  expect(error).toMatchObject({ code: "unknown_symbol", nearest: ["BTC"], status: 404 });
});

test("a key that is revoked ends the stream", async () => {
  const { url } = await serve(events([live(1), { type: "closed", code: 4001, reason: "The API key was revoked." }]));
  await expect(firstFrames(url, 2)).rejects.toThrow(UnauthorizedError);
});

test("what is missing is named: by the server, or here where the server does not know its own id any more", async () => {
  const gap = { type: "gap", id: "e-9", from_time: 1, to_time: 2, request: "/v1/liquidations?start=1&end=3&order=asc" };
  const refused = problem(400, "bad_parameters", { errors: [{ parameter: "last_event_id", detail: "is not known" }] });
  const { url, requests } = await serve(events([live(4), gap]), refused, events([live(5)]));
  const items = await firstFrames(url, 4);
  expect(items[1]).toEqual({ ...gap, by: "server" });
  expect(items.filter(({ type }) => type === "gap")[1]).toMatchObject({ by: "client", from_time: 4 });
  expect(requests.map(({ url: path }) => path)).toEqual(["/v1/stream?", "/v1/stream?last_event_id=e-9", "/v1/stream?"]);
});

test("a gap is asked for again where the connection, or the consumer, ends between the greeting and the gap", async () => {
  const hello = { type: "hello", id: "f-9", time: 9, filter: { channels: ["liquidation"] } };
  const gap = { type: "gap", id: "f-9", from_time: 1, to_time: 9, request: "/v1/liquidations?start=1&end=10&order=asc" };
  const { url, requests } = await serve(events([hello]), events([hello, gap], false));
  const stream = new LiquidationsClient({ url }).stream({ last_event_id: "e-1" });
  const places: (string | null)[] = [];
  for await (const { type } of stream) {
    places.push(stream.lastEventId);
    if (type === "gap") break;
  }
  // Before each of: hello, lost, hello, gap.
  expect(places).toEqual(["e-1", "e-1", "e-1", "e-1"]);
  expect(requests.map(({ url: path }) => path)).toEqual(["/v1/stream?last_event_id=e-1", "/v1/stream?last_event_id=e-1"]);
});

test("a place that the server does not know any more is not kept beyond the gap that says so", async () => {
  const hello = { type: "hello", id: "f-0", time: 9, filter: { channels: ["liquidation"] } };
  const refused = problem(400, "bad_parameters", { errors: [{ parameter: "last_event_id", detail: "is not known" }] });
  const { url } = await serve(events([live(1)]), refused, events([hello, live(2)], false));
  const stream = new LiquidationsClient({ url }).stream();
  const places: (string | null)[] = [];
  for await (const item of stream) {
    if (item.type === "hello" || (item.type === "live" && item.id === "e-2")) places.push(stream.lastEventId);
    if (places.length === 2) break;
  }
  expect(places).toEqual([null, "f-0"]);
});

test("the place to continue from is that of what the consumer has done with, not of what has come", async () => {
  const { url } = await serve(events([live(1), live(2), live(3)], false));
  const stream = new LiquidationsClient({ url }).stream();
  for await (const item of stream) if (item.type === "live" && item.id === "e-2") break;
  expect(stream.lastEventId).toBe("e-1");
});

test("a stream ends with its signal, and another ticket opens each connection", async () => {
  const { url, requests } = await serve(events([live(1)]), events([live(2)], false));
  const end = new AbortController();
  let tickets = 0;
  const ticket = async () => `t${(tickets += 1)}`;
  for await (const item of new LiquidationsClient({ url }).stream({ ticket, signal: end.signal })) {
    if (item.type === "live" && item.id === "e-2") setTimeout(() => end.abort(), 10);
  }
  expect(requests.map(({ url: path }) => new URL(path ?? "", url).searchParams.get("ticket"))).toEqual(["t1", "t2"]);
});

test("a consumer that takes longer than the silence for one item is not taken for a silent server", async () => {
  const many = Array.from({ length: 3_000 }, (_, n) => ({ ...live(n + 1), filler: "x".repeat(1_000) }));
  const { url, requests } = await serve(events(many, false));
  let count = 0;
  for await (const item of new LiquidationsClient({ url }).stream({ silence_ms: 200 })) {
    expect(item.type).toBe("live");
    count += 1;
    if (count === 1) await new Promise((done) => setTimeout(done, 500));
    if (count === many.length) break;
  }
  expect(requests).toHaveLength(1);
});

test("a limit of the lag that is none is refused", () => {
  expect(() => new LiquidationsClient({ url: "http://localhost" }).stream({ max_lag_ms: 0 })).toThrow(
    "max_lag_ms is 0; allowed: a number over 0",
  );
});
