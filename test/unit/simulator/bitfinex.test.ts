import { expect, test } from "vitest";
import type { RawClient } from "../../../scripts/simulator/raw-client.ts";
import type { Stage } from "./stage.ts";
import { openStage } from "./stage.ts";

const GLOBAL = { event: "subscribe", channel: "status", key: "liq:global" };
const longs = { symbol: "BTC", side: "long", usd: 9000 } as const;
const HOUR = 3_600_000;
type Row = readonly unknown[];

async function connect(stage: Stage): Promise<RawClient> {
  const client = await stage.connect(`${stage.venues.bitfinex.urls.ws}/ws/2`);
  expect(await client.nextJson("info")).toMatchObject({ event: "info", version: 2, platform: { status: 1 } });
  return client;
}

async function subscribe(client: RawClient, request: object): Promise<number> {
  const answer = JSON.parse(await client.ask(request, '"subscribed"')) as { chanId: number };
  return answer.chanId;
}

/** All frames so far: a pong comes after everything that was sent before it. */
async function dataFrames(client: RawClient): Promise<Row[]> {
  await client.ask({ event: "ping", cid: 1 }, '"pong"');
  return client.takeAll().map((text) => JSON.parse(text) as Row);
}

function rowsOf(frame: Row): Row[] {
  const body = frame[1] as Row;
  return body[0] === "pos" ? [body] : (body as Row[]);
}

test("data frames name only the channel number of the ack", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  const deriv = await subscribe(client, { event: "subscribe", channel: "status", key: "deriv:tBTCF0:USTF0" });
  const book = await subscribe(client, { event: "subscribe", channel: "book", symbol: "tBTCF0:USTF0", prec: "P0", freq: "F0", len: "25" });
  stage.advance(250);
  const frames = await dataFrames(client);
  const status = frames.find((frame) => frame[0] === deriv)?.[1] as Row;
  expect(status[14]).toBeCloseTo(86_000, 2);
  expect(status[17]).toBeCloseTo(52_000, 3);
  const [snapshot, ...updates] = frames.filter((frame) => frame[0] === book).map((frame) => frame[1] as Row);
  expect(snapshot).toHaveLength(200);
  expect(updates.every((update) => typeof update[0] === "number")).toBe(true);
});

test("an unknown channel, a second time and one too many are errors; an unknown key has no answer at all", async () => {
  const stage = await openStage({ bitfinex: { channelLimit: 2 } });
  const client = await connect(stage);
  expect(await client.ask({ event: "subscribe", channel: "gossip" }, '"error"')).toContain('"code":10302');
  await subscribe(client, GLOBAL);
  expect(await client.ask(GLOBAL, '"error"')).toContain('"code":10301');
  await subscribe(client, { event: "subscribe", channel: "status", key: "deriv:tBTCF0:USTF0" });
  expect(await client.ask({ event: "subscribe", channel: "status", key: "deriv:tETHF0:USTF0" }, '"error"')).toContain('"code":10305');
  const other = await connect(stage);
  other.send({ event: "subscribe", channel: "status", key: "deriv:tNOPEF0:USTF0" });
  expect(await dataFrames(other)).toEqual([]);
});

test("with both flags every data frame ends in a rising sequence and the time", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  expect(JSON.parse(await client.ask({ event: "conf", flags: 98_304 }, '"conf"'))).toEqual({ event: "conf", status: "OK", flags: 98_304 });
  await subscribe(client, { event: "subscribe", channel: "status", key: "deriv:tBTCF0:USTF0" });
  stage.advance(3000);
  const frames = await dataFrames(client);
  expect(frames.map((frame) => frame[2])).toEqual([1, 2, 3, 4]);
  expect(frames.at(-1)?.[3]).toBe(stage.now());
});

test("the first frame of liq:global replays old liquidations", async () => {
  const stage = await openStage({ bitfinex: { spotShare: 0 } });
  const early = await connect(stage);
  expect(await subscribe(early, GLOBAL)).toBeGreaterThan(0);
  stage.venues.bitfinex.liquidate(longs);
  stage.advance(1000);
  stage.jump(HOUR);
  const client = await connect(stage);
  await subscribe(client, GLOBAL);
  const [replay] = await dataFrames(client);
  const trigger = replay === undefined ? undefined : rowsOf(replay).find((row) => row[8] === 0);
  expect(stage.now() - Number(trigger?.[2])).toBe(HOUR + 1000);
  expect(trigger?.[4]).toBe("tBTCF0:USTF0");
  expect(stage.venues.bitfinex.sent().map((event) => event.times_sent)).toEqual([2]);
});

test("one event a position, whatever rows it has: executions first, triggers without a price, spot pairs between", async () => {
  const stage = await openStage({ bitfinex: { idleMs: 600_000 } });
  const client = await connect(stage);
  await subscribe(client, GLOBAL);
  for (let index = 0; index < 60; index += 1) {
    stage.venues.bitfinex.liquidate({ symbol: "ETH", side: index % 2 === 0 ? "long" : "short", usd: 4000 });
    stage.advance(2000);
  }
  const rows = (await dataFrames(client)).filter((frame) => frame[1] !== "hb").flatMap(rowsOf);
  const perpetual = rows.filter((row) => row[4] === "tETHF0:USTF0");
  const triggers = perpetual.filter((row) => row[8] === 0);
  expect(triggers).toHaveLength(60);
  expect(stage.venues.bitfinex.sent()).toHaveLength(60);
  expect(triggers.some((row) => row[11] === null)).toBe(true);
  const early = perpetual.filter(
    (row, index) => row[8] === 1 && perpetual.slice(index).some((later) => later[8] === 0 && later[1] === row[1]),
  );
  expect(early.length).toBeGreaterThan(0);
  expect(rows.some((row) => row[4] === "tETHUSD")).toBe(true);
  for (const row of triggers) {
    const event = stage.venues.bitfinex.sent().find((each) => each.key.startsWith(`${String(row[1])}|${String(row[2])}|`));
    expect(event).toMatchObject({ position_side: Number(row[5]) > 0 ? "long" : "short", quantity: Math.abs(Number(row[5])) });
  }
});

test("each channel has its heartbeat, and a socket without any channel dies after a minute", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  const idle = await connect(stage);
  const channel = await subscribe(client, GLOBAL);
  stage.advance(15_000);
  expect(await dataFrames(client)).toContainEqual([channel, "hb"]);
  stage.advance(50_000);
  expect((await idle.closed).code).toBe(1006);
  expect(await dataFrames(client)).toContainEqual([channel, "hb"]);
});

test("REST: pairs, history, and 429 from the fourth request in a minute", async () => {
  const stage = await openStage();
  const { rest } = stage.venues.bitfinex.urls;
  expect(await (await fetch(`${rest}/v2/conf/pub:list:pair:futures,pub:map:currency:sym`)).json()).toEqual([
    ["BTCF0:USTF0", "ETHF0:USTF0", "SOLF0:USTF0", "XRPF0:USTF0"],
    [["UST", "USDt"]],
  ]);
  const started = stage.now();
  stage.venues.bitfinex.liquidate(longs);
  stage.advance(10_000);
  stage.venues.bitfinex.liquidate(longs);
  stage.advance(1000);
  const history = async (query: string) => fetch(`${rest}/v2/liquidations/hist?${query}`);
  const rows = (await (await history(`start=${started - 1}&end=${started + 5000}`)).json()) as Row[][];
  expect(rows.map((entry) => entry[0]?.[8])).toContain(0);
  expect(rows.every((entry) => Number(entry[0]?.[2]) < started + 5000)).toBe(true);
  const statuses = [];
  for (let request = 0; request < 3; request += 1) statuses.push((await history("limit=500")).status);
  expect(statuses).toEqual([200, 200, 429]);
  stage.advance(61_000);
  expect((await history("limit=500")).status).toBe(200);
});
