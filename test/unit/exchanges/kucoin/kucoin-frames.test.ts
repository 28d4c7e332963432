import { existsSync, globSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CAPTURES } from "../frame-reading.ts";
import type { FeedMessage } from "../../../../src/exchanges/exchange.ts";
import { kucoin } from "../../../../src/exchanges/kucoin/kucoin.ts";
import { ENDPOINTS, NOW, SCOPE, read } from "./kucoin-fixtures.ts";

function message(topic: string, subject: string, data: object): object {
  return { topic, type: "message", subject, data };
}

const MATCH = {
  symbol: "XBTUSDTM",
  sequence: 5,
  side: "sell",
  size: 40,
  price: "80000",
  takerOrderId: "t-1",
  makerOrderId: "m-1",
  tradeId: "5",
  ts: 1_795_000_000_123_000_000,
};
const DEPTH = JSON.stringify(
  message("/contractMarket/level2Depth50:XBTUSDTM", "level2", {
    bids: [["80000", 12]],
    asks: [["80000.1", 3]],
    sequence: 1,
    timestamp: NOW,
  }),
);

const lines = (name: string) => readFileSync(`${CAPTURES}/kucoin-${name}.jsonl`, "utf8").split("\n").filter(Boolean);

const kinds = (name: string) =>
  lines(name)
    .flatMap(read)
    .map((feedMessage) => feedMessage.kind);

describe("market frames", () => {
  test("mark and index price", () => {
    const frame = message("/contract/instrument:XBTUSDTM", "mark.index.price", {
      markPrice: 80_001.5,
      indexPrice: 80_002,
      granularity: 1000,
      timestamp: 1_795_000_000_000,
    });
    expect(read(frame)).toEqual([
      { kind: "mark", instrument: "XBTUSDTM", price: 80_001.5, time: 1_795_000_000_000 },
      { kind: "index", instrument: "XBTUSDTM", price: 80_002 },
    ]);
  });

  test("prices of a 1000-coin contract are per coin", () => {
    const frame = message("/contract/instrument:1000BONKUSDTM", "mark.index.price", { markPrice: 0.02, indexPrice: 0.05 });
    expect(read(frame)).toEqual([
      { kind: "mark", instrument: "1000BONKUSDTM", price: 0.00002, time: NOW },
      { kind: "index", instrument: "1000BONKUSDTM", price: 0.00005 },
    ]);
  });

  test("the funding rate of the running interval counts, the one just settled does not", () => {
    const frames = [60_000, 28_800_000].map((granularity) =>
      message("/contract/instrument:XBTUSDTM", "funding.rate", { granularity, fundingRate: -0.0001, timestamp: 1 }),
    );
    expect(read(frames[0])).toEqual([{ kind: "funding", instrument: "XBTUSDTM", rate: -0.0001 }]);
    expect(read(frames[1])).toEqual([]);
  });

  test("best bid and ask", () => {
    const data = { symbol: "XBTUSDTM", bestBidSize: 7, bestBidPrice: "79999.9", bestAskPrice: "80000", bestAskSize: 2, ts: 1 };
    expect(read(message("/contractMarket/tickerV2:XBTUSDTM", "tickerV2", data))).toEqual([
      { kind: "quote", instrument: "XBTUSDTM", bid: 79_999.9, ask: 80_000 },
    ]);
  });

  test("an empty side is no quote and no fault", () => {
    const data = { bestBidPrice: "0", bestAskPrice: "80000" };
    expect(read(message("/contractMarket/tickerV2:XBTUSDTM", "tickerV2", data))).toEqual([]);
  });

  test("the first frame after the binary socket's subscription: mark, index and open interest in coins", () => {
    const frame = { T: "mark-price", P: 1, d: { s: "XBTUSDTM", mp: "80000", ip: "80010", oi: "12000", ts: 1_795_000_000_000 } };
    expect(read(frame)).toEqual([
      { kind: "mark", instrument: "XBTUSDTM", price: 80_000, time: 1_795_000_000_000 },
      { kind: "index", instrument: "XBTUSDTM", price: 80_010 },
      { kind: "open_interest", instrument: "XBTUSDTM", quantity: 12 },
    ]);
  });

  test("a lot of an inverse contract is one USD, so its open interest in coins goes by the mark price", () => {
    const feedMessages = read({ T: "mark-price", d: { s: "XBTUSDM", mp: "80000", ip: "80000", oi: "160000", ts: 1 } });
    expect(feedMessages.at(-1)).toEqual({ kind: "open_interest", instrument: "XBTUSDM", quantity: 2 });
  });

  test("executions: lots become coins, nanoseconds beyond 2^53 become milliseconds", () => {
    // Written out, since no JavaScript number holds these digits.
    const text = JSON.stringify(message("/contractMarket/execution:XBTUSDTM", "match", MATCH)).replace(
      /"ts":\d+/u,
      '"ts":1795000000123456789',
    );
    expect(read(text)).toEqual([
      {
        kind: "trade",
        instrument: "XBTUSDTM",
        side: "sell",
        price: 80_000,
        quantity: 0.04,
        takerOrderId: "t-1",
        tradeId: "5",
        time: 1_795_000_000_123,
      },
    ]);
  });

  test.each([{ side: "none" }, { size: 0 }, { price: "" }, { takerOrderId: 5 }, { tradeId: 5 }, { ts: null }])(
    "an execution with %j is rejected",
    (fault) => {
      expect(read(message("/contractMarket/execution:XBTUSDTM", "match", { ...MATCH, ...fault }))).toMatchObject([{ kind: "reject" }]);
    },
  );
});

describe("books", () => {
  test("a depth frame is handed on unparsed, and parses into its levels in lots", () => {
    expect(read(DEPTH)).toEqual([{ kind: "book_text", instrument: "XBTUSDTM", text: DEPTH }]);
    expect(kucoin.readBook?.(DEPTH)).toEqual({ bids: [["80000", 12]], asks: [["80000.1", 3]] });
  });

  test("it is recognized by its beginning alone: its levels are not read", () => {
    const broken = DEPTH.replace('[["80000",12]]', '[["80000"');
    expect(read(broken)).toMatchObject([{ kind: "book_text" }]);
    expect(kucoin.readBook?.(broken)).toBeNull();
  });

  test("keys in another order give the same reading", () => {
    const { topic, ...rest } = JSON.parse(DEPTH);
    const text = JSON.stringify({ ...rest, topic });
    expect(read(text)).toEqual([{ kind: "book_text", instrument: "XBTUSDTM", text }]);
  });

  test("a cut frame is rejected", () => {
    expect(read(DEPTH.slice(0, -1))).toMatchObject([{ kind: "reject", reason: "not JSON" }]);
  });

  test("levels that are none make no book", () => {
    expect(kucoin.readBook?.('{"data":{"bids":[[null,1]],"asks":[]}}')).toBeNull();
    expect(kucoin.readBook?.("[]")).toBeNull();
  });
});

describe("control frames", () => {
  test.each<[object, FeedMessage]>([
    [{ id: "c-1", type: "welcome" }, { kind: "welcome" }],
    [{ sessionId: "s-1", message: "welcome", pingInterval: 18_000 }, { kind: "welcome" }],
    [
      { id: "sub-1", type: "ack" },
      { kind: "subscribed", topic: "sub-1" },
    ],
    [
      { id: "mark-price:ETHUSDTM", result: true },
      { kind: "subscribed", topic: "mark-price:ETHUSDTM" },
    ],
    [{ id: "ping-1", type: "pong", timestamp: 1 }, { kind: "pong" }],
    [{ type: "pong", id: "ping-1", ts: 1 }, { kind: "pong" }],
    [
      { id: "sub-2", type: "error", code: 404, data: "topic does not exist" },
      { kind: "error", message: "404: topic does not exist (sub-2)" },
    ],
    [
      { id: "sub-3", result: false, message: "invalid request data" },
      { kind: "error", message: "invalid request data (sub-3)" },
    ],
    [
      { type: "error", code: 400, data: "ping timeout" },
      { kind: "error", message: "400: ping timeout ()" },
    ],
  ])("%j", (frame, feedMessage) => {
    expect(read(frame)).toEqual([feedMessage]);
  });

  test.each([
    ["", "not JSON"],
    ["[1]", "not a JSON object"],
    ['{"topic":"/contract/instrument:NONEUSDTM","subject":"mark.index.price","data":{"markPrice":1}}', "/contract/instrument:NONEUSDTM"],
    ['{"topic":"/contract/instrument:XBTUSDTM","subject":"mark.index.price","data":{"markPrice":0}}', "/contract/instrument:XBTUSDTM"],
    ['{"topic":"/contractMarket/tickerV2:XBTUSDTM","data":{}}', "/contractMarket/tickerV2:XBTUSDTM"],
    ['{"T":"mark-price","d":{"s":"XBTUSDTM"}}', "mark-price"],
    ['{"type":{"toString":1},"id":{"toString":1}}', "no topic"],
  ])("%j is rejected with its text", (text, reason) => {
    expect(read(text)).toEqual([{ kind: "reject", reason: expect.stringContaining(reason), text }]);
  });
});

test("no text whatever makes the decoder throw, nor a cut or changed frame", () => {
  const frames = [
    DEPTH,
    JSON.stringify(message("/contractMarket/execution:XBTUSDTM", "match", MATCH)),
    '{"T":"mark-price","d":{"s":"XBTUSDTM","mp":"1"}}',
  ];
  const decoder = kucoin.createDecoder(SCOPE);
  const changed = fc
    .tuple(fc.constantFrom(...frames), fc.nat(200), fc.nat(20), fc.string({ maxLength: 8 }))
    .map(([frame, at, length, inserted]) => frame.slice(0, at) + inserted + frame.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(changed, fc.string(), fc.json()), (text) => {
      for (const feedMessage of decoder.decode(text, NOW)) if (feedMessage.kind === "book_text") kucoin.readBook?.(feedMessage.text);
    }),
    { numRuns: 3000 },
  );
});

describe.runIf(existsSync(CAPTURES))("captured frames", () => {
  test("no line of any file throws", () => {
    for (const file of globSync(`${CAPTURES}/kucoin-*.jsonl`)) for (const line of readFileSync(file, "utf8").split("\n")) read(line);
  });

  test("every line gives the readings its name promises", async () => {
    expect(kinds("control")).toEqual(["welcome", "subscribed", "error", "pong", "error"]);
    expect(new Set(kinds("instrument"))).toEqual(new Set(["mark", "index", "funding"]));
    expect(new Set(kinds("depth"))).toEqual(new Set(["reject", "book_text"]));
    expect(kinds("execution")).toEqual(["trade", "trade", "trade", "trade"]);
    expect(kinds("uta").slice(0, 7)).toEqual(["welcome", "subscribed", "error", "pong", "mark", "index", "open_interest"]);
    const table = await kucoin.loadInstruments(async () => JSON.parse(lines("contracts-active")[0] ?? ""), ENDPOINTS);
    expect(table).toEqual([kucoin.fallbackInstruments[0]]);
    const token = await kucoin.sockets(SCOPE, ENDPOINTS)[0]?.address(async () => JSON.parse(lines("bullet-public")[0] ?? ""), "c");
    expect(token?.url).toMatch(/^https:\/\/ws-api-futures\.kucoin\.com\/\?token=.+&connectId=c$/u);
  });
});
