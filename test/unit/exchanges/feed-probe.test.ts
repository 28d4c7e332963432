import { describe, expect, test } from "vitest";
import type { FeedProbe } from "../../../src/exchanges/exchange.ts";
import { ProbeRun } from "../../../src/exchanges/feed-probe.ts";
import { bingx } from "../../../src/exchanges/without-feed/bingx.ts";
import { hyperliquid } from "../../../src/exchanges/without-feed/hyperliquid.ts";
import { mexc } from "../../../src/exchanges/without-feed/mexc.ts";
import { VENUES_WITHOUT_FEED } from "../../../src/exchanges/without-feed/venues-without-feed.ts";
import { kucoinProbe } from "../../../src/exchanges/kucoin/kucoin-probe.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Dialect {
  readonly probe: FeedProbe;
  readonly accept: (request: Fields) => string;
  readonly refuse: (request: Fields) => string;
  /** What the venue sends besides answers. */
  readonly noise: readonly string[];
}

/** The answers of each venue in its own words. */
const DIALECTS: readonly Dialect[] = [
  {
    probe: kucoinProbe,
    accept: ({ id }) => JSON.stringify({ id, type: "ack" }),
    refuse: ({ id }) => JSON.stringify({ id, type: "error", code: 404, data: "topic does not exist" }),
    noise: ['{"topic":"/contract/instrument:XBTUSDTM","type":"message","subject":"mark.index.price","data":{}}'],
  },
  {
    probe: hyperliquid,
    accept: (request) => JSON.stringify({ channel: "subscriptionResponse", data: request }),
    refuse: ({ subscription }) => JSON.stringify({ channel: "error", data: `Invalid subscription ${JSON.stringify(subscription)}` }),
    noise: ['{"channel":"allMids","data":{"mids":{"BTC":"82651.5"}}}'],
  },
  {
    probe: bingx,
    accept: ({ id }) => JSON.stringify({ id, code: 0, msg: "", dataType: "", data: null }),
    refuse: ({ id }) => JSON.stringify({ id, code: 80015, msg: "dataType not support", dataType: "", data: null }),
    noise: ['{"code":0,"dataType":"BTC-USDT@lastPrice","data":{"c":"82651.5"}}'],
  },
  {
    probe: mexc,
    accept: ({ method }) => JSON.stringify({ channel: `rs.${String(method)}`, data: "success", ts: 1_795_000_000_000 }),
    refuse: () => JSON.stringify({ channel: "rs.error", data: "Method not supported", ts: 1_795_000_000_000 }),
    noise: ['{"channel":"push.ticker","data":{"lastPrice":82651.5},"symbol":"BTC_USDT"}', '{"channel":"pong","data":1}'],
  },
];

/** Plays a venue that accepts its control topic and these candidates. */
function play({ probe, accept, refuse, noise }: Dialect, accepted: readonly string[]): ProbeRun {
  const run = new ProbeRun(probe);
  const open = probe.waitForWelcome ? run.receive('{"type":"welcome"}') : run.opened();
  for (let frames = open; !run.isOver;) {
    const [frame = "{}", ...more] = frames;
    expect(more).toEqual([]);
    for (const text of ["{", "null", "[1]", '"x"', ...noise]) expect(run.receive(text)).toEqual([]);
    const topic = [probe.control, ...probe.candidates].find((one) => one.frame === frame)?.topic ?? "";
    const request = JSON.parse(frame) as Fields;
    frames = run.receive(accepted.includes(topic) || topic === probe.control.topic ? accept(request) : refuse(request));
  }
  return run;
}

describe.each(DIALECTS)("$probe.venue", (dialect) => {
  const { candidates, control } = dialect.probe;

  test("refuses every candidate: there is no feed", () => {
    expect(play(dialect, []).outcome).toEqual({ error: null, accepted: [], refused: candidates.length, unanswered: 0 });
  });

  test("accepts one of its candidates, which is found", () => {
    const topic = candidates[2]?.topic ?? "";
    expect(play(dialect, [topic]).outcome).toEqual({ error: null, accepted: [topic], refused: candidates.length - 1, unanswered: 0 });
  });

  test("refuses the control topic: nothing is proved", () => {
    const run = new ProbeRun(dialect.probe);
    run.receive('{"type":"welcome"}');
    run.opened();
    expect(run.receive(dialect.refuse(JSON.parse(control.frame) as Fields))).toEqual([]);
    expect(run.outcome).toMatchObject({ error: expect.stringContaining(control.topic), refused: 0 });
    expect(run.isOver).toBe(true);
  });

  test("has topics of different names, none of them the control", () => {
    const names = [control, ...candidates].map(({ topic }) => topic);
    expect(new Set(names).size).toBe(names.length);
  });
});

test("silence is counted, and silence to the control topic or before the welcome proves nothing", () => {
  const run = new ProbeRun(mexc);
  run.opened();
  run.receive(JSON.stringify({ channel: `rs.${mexc.control.topic}`, data: "success" }));
  while (!run.isOver) run.skip();
  expect(run.outcome).toEqual({ error: null, accepted: [], refused: 0, unanswered: mexc.candidates.length });
  const silent = new ProbeRun(mexc);
  silent.opened();
  silent.skip();
  expect(silent.outcome.error).toBe("no answer to the control topic sub.ticker");
  const unwelcome = new ProbeRun(kucoinProbe);
  expect(unwelcome.opened()).toEqual([]);
  unwelcome.skip();
  expect(unwelcome.outcome.error).toBe("the venue did not welcome the connection");
});

test("a late answer to an earlier topic does not count for the one that is asked for now", () => {
  const run = new ProbeRun(bingx);
  run.opened();
  run.receive(JSON.stringify({ id: bingx.control.topic, code: 0 }));
  run.skip();
  expect(run.receive(JSON.stringify({ id: bingx.candidates[0]?.topic, code: 0 }))).toEqual([]);
  expect(run.outcome.accepted).toEqual([]);
});

test("a lost connection ends a probe with its reason, cut to length, and what was found before stays", () => {
  const run = new ProbeRun(hyperliquid);
  run.opened();
  run.fail("x".repeat(10_000));
  run.fail("too late");
  expect(run.outcome.error).toBe("x".repeat(200));
  expect(run.isOver).toBe(true);
});

test("BingX' pings of either kind are answered in kind", () => {
  const run = new ProbeRun(bingx);
  run.opened();
  expect(run.receive("Ping")).toEqual(["Pong"]);
  expect(run.receive('{"ping":"2177c6","time":"2026-11-28T16:27:36.323+0800"}')).toEqual([
    '{"pong":"2177c6","time":"2026-11-28T16:27:36.323+0800"}',
  ]);
});

test("every venue without a feed is asked over the web, each under a name of its own", async () => {
  for (const { probe } of VENUES_WITHOUT_FEED.filter((one) => one.probe !== kucoinProbe)) {
    const { url } = await probe.address(() => Promise.reject(new Error("no REST here")), "http://127.0.0.1:1", "id");
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:1\/\w/);
  }
  expect(VENUES_WITHOUT_FEED.map(({ probe }) => probe.venue)).toEqual(["kucoin", "hyperliquid", "bingx", "mexc"]);
});
