import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AdlTracker } from "../../../../src/adl/adl-tracker.ts";
import { CAPTURES } from "../frame-reading.ts";
import { bitfinex } from "../../../../src/exchanges/bitfinex/bitfinex.ts";
import type { Decoder, Instrument, FeedMessage, RequestJson, Scope } from "../../../../src/exchanges/exchange.ts";

const ENDPOINTS = { ws: "http://127.0.0.1:1", rest: "http://127.0.0.1:2" };
const NOW = 1_795_000_001_000;
const MTS = 1_795_000_000_000;
const TABLE = new Map(bitfinex.fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));
const SCOPE: Scope = { symbols: new Set(["BTC", "ETH"]), instruments: TABLE };

const LIQUIDATIONS = { event: "subscribed", channel: "status", chanId: 1, key: "liq:global" };
const STATUS = { event: "subscribed", channel: "status", chanId: 2, key: "deriv:tBTCF0:USTF0" };
const BOOK = { event: "subscribed", channel: "book", chanId: 3, symbol: "tBTCF0:USTF0", prec: "P0", freq: "F0", len: "100" };
/** [3] index, [11] funding, [14] mark, [17] open interest; the others are of no use here. */
const STATUS_ROW = [MTS, null, 80_005, 80_010, null, 1e6, null, MTS, 1e-5, 9, null, 0.0003, null, null, 80_001, null, null, 8000.5, null];

function read(frame: unknown, decoder: Decoder): readonly FeedMessage[] {
  return decoder.decode(typeof frame === "string" ? frame : JSON.stringify(frame), NOW);
}

/** The balance of the fund, which is all that the venue tells of auto-deleveraging. */
const insuranceFund = (balance: number): FeedMessage => ({
  kind: "adl",
  instrument: "tBTCF0:USTF0",
  state: null,
  insuranceFund: balance,
  currency: null,
  time: NOW,
  validMs: 60_000,
});

function openSession(): Decoder {
  const decoder = bitfinex.createDecoder(SCOPE);
  for (const frame of [LIQUIDATIONS, STATUS, BOOK]) read(frame, decoder);
  return decoder;
}

function only(frame: unknown): readonly FeedMessage[] {
  return read(frame, openSession());
}

function answer(body: unknown): RequestJson {
  return async () => body;
}

const historyRow = (id: number, time: number, isMatch = 0) => [
  "pos",
  id,
  time,
  null,
  "tBTCF0:USTF0",
  -2,
  11_111,
  null,
  isMatch,
  1,
  null,
  80_000,
];

const fullPage = (last: number) => Array.from({ length: 500 }, (_, index) => [historyRow(index, index === 499 ? last : 1500)]);

const lines = (name: string) =>
  readFileSync(join(CAPTURES, `bitfinex-${name}.jsonl`), "utf8")
    .trim()
    .split("\n");

describe("the socket", () => {
  const plans = bitfinex.sockets(SCOPE, ENDPOINTS);
  const [plan] = plans;

  test("is one, opened over http, and waits for the venue to speak", async () => {
    expect(plans).toHaveLength(1);
    expect(await plan?.address(answer(null), "")).toEqual({ url: "http://127.0.0.1:1/ws/2" });
    expect(plan).toMatchObject({ name: "status", role: "liquidations", waitForWelcome: true, keepalive: null, controlTimeoutMs: 25_000 });
    expect([...(plan?.control ?? [])].toSorted()).toEqual(["heartbeat", "mark"]);
  });

  test("sets its flags, then liquidations, then marks and books, one channel a message", () => {
    expect(plan?.subscribe.map((frame) => JSON.parse(frame))).toEqual([
      { event: "conf", flags: 98_304 },
      { event: "subscribe", channel: "status", key: "liq:global" },
      { event: "subscribe", channel: "status", key: "deriv:tBTCF0:USTF0" },
      { event: "subscribe", channel: "status", key: "deriv:tETHF0:USTF0" },
      { event: "subscribe", channel: "book", symbol: "tBTCF0:USTF0", prec: "P0", freq: "F0", len: "100" },
      { event: "subscribe", channel: "book", symbol: "tETHF0:USTF0", prec: "P0", freq: "F0", len: "100" },
    ]);
  });

  test("has at most 25 channels, marks before books", () => {
    const names = Array.from({ length: 20 }, (_, index) => `C${index}`);
    const table = names.map((symbol): [string, Instrument] => [
      `t${symbol}F0:USTF0`,
      { instrument: `t${symbol}F0:USTF0`, symbol, quote: "USDT", scale: 1, contract: { kind: "base", size: 1 }, trading: true },
    ]);
    const [wide] = bitfinex.sockets({ symbols: new Set(names), instruments: new Map(table) }, ENDPOINTS);
    const channels = (wide?.subscribe ?? []).filter((frame) => frame.includes('"subscribe"'));
    expect(channels).toHaveLength(25);
    expect(channels.filter((frame) => frame.includes("deriv:"))).toHaveLength(20);
  });
});

describe("events", () => {
  test.each<[object, readonly object[]]>([
    [{ event: "info", version: 2, serverId: "s", platform: { status: 1 } }, [{ kind: "welcome" }]],
    [{ event: "info", version: 2, serverId: "s", platform: { status: 0 } }, [{ kind: "error", message: "in maintenance" }]],
    [{ event: "info", code: 20051, msg: "stopping" }, [{ kind: "reconnect", reason: "20051 stopping" }]],
    [{ event: "info", code: 20060, msg: "wait" }, [{ kind: "error", message: "20060 paused wait" }]],
    [{ event: "info", code: 20061 }, [{ kind: "reconnect", reason: "20061 resumed" }]],
    [{ event: "conf", status: "OK", flags: 98_304 }, []],
    [{ event: "conf", status: "FAILED" }, [{ kind: "error" }]],
    [{ event: "pong", ts: 1, cid: 1 }, [{ kind: "pong" }]],
    [LIQUIDATIONS, [{ kind: "subscribed", topic: "liq:global" }]],
    [BOOK, [{ kind: "subscribed", topic: "book:tBTCF0:USTF0" }]],
    [
      { event: "error", msg: "subscribe: limit", code: 10305, channel: "book", symbol: "tXF0:USTF0" },
      [{ kind: "error", message: "10305 subscribe: limit (tXF0:USTF0)" }],
    ],
    [{ event: "info", code: 1 }, [{ kind: "reject" }]],
    [{ event: "news" }, [{ kind: "reject" }]],
    [{}, [{ kind: "reject" }]],
  ])("%j", (frame, messages) => {
    const found = only(frame);
    expect(found).toMatchObject(messages);
    expect(found).toHaveLength(messages.length);
  });

  test("a session without its liquidations is given up, one that has them twice is not", () => {
    const refused = { event: "error", channel: "status", key: "liq:global", msg: "subscribe: failed", code: 10300 };
    expect(only(refused).map((message) => message.kind)).toEqual(["error", "reconnect"]);
    expect(only({ ...refused, code: 10301 }).map((message) => message.kind)).toEqual(["error"]);
  });
});

describe("channels", () => {
  test("a heartbeat of a status channel proves that it is alive, a book's does not", () => {
    const liquidations = { kind: "heartbeat", topic: "liq:global", time: NOW };
    expect(only([1, "hb"])).toMatchObject([{ kind: "heartbeat", topic: "liq:global" }]);
    expect(only([2, "hb", 17, NOW])).toEqual([{ kind: "heartbeat", topic: "deriv:tBTCF0:USTF0", time: NOW }]);
    expect(only([1, "hb", 17, NOW, "liquidations", "global"])).toEqual([liquidations]);
    expect(only([3, "hb"])).toEqual([]);
    expect(only([77, "hb"])).toEqual([]);
  });

  test("numbers belong to their session", () => {
    expect(read([2, STATUS_ROW], bitfinex.createDecoder(SCOPE))).toMatchObject([{ kind: "reject", reason: "unknown channel" }]);
  });

  test("a channel the venue closed is unknown from then on", () => {
    const decoder = openSession();
    expect(read({ event: "unsubscribed", status: "OK", chanId: 2 }, decoder)).toMatchObject([{ kind: "error" }]);
    expect(read([2, STATUS_ROW], decoder)).toMatchObject([{ kind: "reject" }]);
  });

  test.each([
    [[77, [1, 2, 3]]],
    [[77, "cs", 5]],
    [[2, ["x"]]],
    [[3, "te"]],
    [[3, [[80_000, 1]]]],
    ["[1,"],
    ["5"],
    [""],
    ["[2,[1,,80000]]"],
    ["[2,[1,null,-,80000]]"],
    ['[,"hb"]'],
    ['[2,"hb",7,]'],
    ['[2,"hb"'],
  ])("%j is rejected with its text", (frame) => {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    expect(only(frame)).toEqual([{ kind: "reject", reason: expect.any(String), text }]);
  });
});

describe("derivative status", () => {
  test("mark, index, funding of the running interval and open interest by their places", () => {
    expect(only([2, STATUS_ROW, 17, NOW])).toEqual([
      { kind: "mark", instrument: "tBTCF0:USTF0", price: 80_001, time: MTS },
      { kind: "index", instrument: "tBTCF0:USTF0", price: 80_010 },
      insuranceFund(1e6),
      { kind: "funding", instrument: "tBTCF0:USTF0", rate: 0.0003 },
      { kind: "open_interest", instrument: "tBTCF0:USTF0", quantity: 8000.5 },
    ]);
  });

  test("a short row gives what it has, a longer one no more", () => {
    expect(only([2, STATUS_ROW.slice(0, 12)]).map((message) => message.kind)).toEqual(["index", "adl", "funding"]);
    expect(only([2, [...STATUS_ROW, 1, 2, 3, 4]])).toHaveLength(5);
    expect(only([2, []])).toEqual([]);
  });

  test("a mark of zero is none", () => {
    expect(only([2, STATUS_ROW.with(14, 0)]).map((message) => message.kind)).not.toContain("mark");
  });
});

describe("book", () => {
  const snapshot = [
    [80_000, 2, 0.5],
    [79_990, 1, 1.25],
    [80_001, 3, -0.75],
  ];

  test("the first list is the whole book, the sign of the amount is the side", () => {
    expect(only([3, snapshot, 17, NOW])).toEqual([
      {
        kind: "book",
        instrument: "tBTCF0:USTF0",
        action: "snapshot",
        bids: [
          [80_000, 0.5],
          [79_990, 1.25],
        ],
        asks: [[80_001, 0.75]],
        sequence: null,
      },
    ]);
  });

  test("single changes set a level, count 0 deletes it on the side the amount's sign says", () => {
    const decoder = openSession();
    read([3, snapshot], decoder);
    expect(read([3, [80_002, 1, -2]], decoder)).toMatchObject([{ action: "delta", bids: [], asks: [[80_002, 2]] }]);
    expect(read([3, [80_000, 0, 1], 18, NOW], decoder)).toMatchObject([{ action: "delta", bids: [[80_000, 0]], asks: [] }]);
    expect(read([3, [80_001, 0, -1]], decoder)).toMatchObject([{ action: "delta", bids: [], asks: [[80_001, 0]] }]);
  });

  test("a later list is several changes", () => {
    const decoder = openSession();
    read([3, snapshot], decoder);
    expect(
      read(
        [
          3,
          [
            [80_000, 0, 1],
            [80_003, 1, -0.5],
          ],
        ],
        decoder,
      ),
    ).toMatchObject([{ action: "delta", bids: [[80_000, 0]], asks: [[80_003, 0.5]] }]);
  });

  test("an empty book is a snapshot too, and a checksum is nothing", () => {
    expect(only([3, []])).toMatchObject([{ action: "snapshot", bids: [], asks: [] }]);
    expect(only([3, "cs", -123_456])).toEqual([]);
  });
});

async function symbols(body: unknown): Promise<readonly string[]> {
  return (await bitfinex.loadInstruments(answer(body), ENDPOINTS)).map(({ symbol }) => symbol);
}

describe("instruments", () => {
  test("perpetuals whatever their quote, at one coin a unit, by the names that the venue's own list has for its codes", async () => {
    const asked: string[] = [];
    const table = await bitfinex.loadInstruments(async (url) => {
      asked.push(url);
      return [
        ["BTCF0:USTF0", "DOTF0:BTCF0", "TESTBTCF0:TESTUSDTF0", "IOTF0:USTF0", "NEWF0:USTF0", "AMPF0:USTF0", 5],
        [["NEW", "NEWCOIN"], ["UST", "USDt"], ["AMPF0", "AMPLF0"], ["IOT", 5], null],
      ];
    }, ENDPOINTS);
    expect(asked).toEqual(["http://127.0.0.1:2/v2/conf/pub:list:pair:futures,pub:map:currency:sym"]);
    const coins = { scale: 1, contract: { kind: "base", size: 1 }, trading: true };
    expect(table).toEqual([
      { instrument: "tBTCF0:USTF0", symbol: "BTC", quote: "USDT", ...coins },
      { instrument: "tDOTF0:BTCF0", symbol: "DOT", quote: "BTC", ...coins },
      { instrument: "tIOTF0:USTF0", symbol: "IOTA", quote: "USDT", ...coins },
      { instrument: "tNEWF0:USTF0", symbol: "NEWCOIN", quote: "USDT", ...coins },
      { instrument: "tAMPF0:USTF0", symbol: "AMPL", quote: "USDT", ...coins },
    ]);
  });

  test("the venue's list goes before the built-in names, which stand where it has none", async () => {
    const pairs = ["ATOF0:USTF0", "LUNAF0:USTF0", "LUNA2F0:USTF0", "EUTF0:USTF0"];
    expect(await symbols([pairs])).toEqual(["ATOM", "LUNC", "LUNA", "EURT"]);
    expect(await symbols([pairs, { ATO: "ATOM" }])).toEqual(["ATOM", "LUNC", "LUNA", "EURT"]);
    expect(await symbols([pairs, [["LUNA", "LUNA"]]])).toEqual(["ATOM", "LUNA", "LUNA", "EURT"]);
  });

  test.each([[["error", 10020, "bad"]], [[[]]], [{}], [null]])("%j is no table", async (body) => {
    await expect(bitfinex.loadInstruments(answer(body), ENDPOINTS)).rejects.toThrow(/Bitfinex lists no perpetual/u);
  });
});

describe("backfill", () => {
  const { backfill } = bitfinex;
  const url = "http://127.0.0.1:2/v2/liquidations/hist?start=1000&end=9000&limit=500&sort=1";

  test("asks once for the whole platform, forwards in time, at most three times a minute", () => {
    expect(backfill?.requests(SCOPE, ENDPOINTS, 1000, 9000)).toEqual([url]);
    expect(backfill?.requestIntervalMs).toBe(20_000);
  });

  test("gives the very events that the stream gives", () => {
    const rows = [historyRow(1, MTS), historyRow(2, MTS + 1, 1), ["pos", 3, MTS, null, "tBTCUSD", 1, 1, null, 0, 0, null, 1]];
    const fromRest = backfill?.read(
      rows.map((entry) => [entry]),
      SCOPE,
    );
    expect(fromRest).toEqual(only([1, rows]));
    expect(fromRest?.map((message) => message.kind)).toEqual(["liquidation", "execution", "skipped"]);
    expect(backfill?.read(rows, SCOPE)).toEqual(fromRest);
  });

  test("takes an error for one, not for an empty history", () => {
    const limited = ["error", 11_010, "ratelimit: error"];
    expect(backfill?.read(limited, SCOPE)).toMatchObject([{ kind: "error", message: expect.stringContaining("ratelimit") }]);
    expect(backfill?.read({ error: "ERR_RATE_LIMIT" }, SCOPE)).toMatchObject([{ kind: "error" }]);
    expect(backfill?.next(url, limited, 1000)).toBeNull();
    expect(backfill?.read([], SCOPE)).toEqual([]);
  });

  test("goes on at the last row's millisecond while pages are full, and never stands still", () => {
    expect(backfill?.next(url, fullPage(2500.25), 1000)).toBe(url.replace("start=1000", "start=2500"));
    expect(backfill?.next(url, fullPage(1000), 1000)).toBe(url.replace("start=1000", "start=1001"));
    expect(backfill?.next(url, fullPage(2500).slice(1), 1000)).toBeNull();
  });
});

describe.runIf(existsSync(CAPTURES))("captured frames", () => {
  test("every row of bitfinex-status.jsonl is the balance of the fund at its time", () => {
    const tracker = new AdlTracker(bitfinex.adlSource ?? expect.unreachable(), (name) => TABLE.get(name));
    const balances = lines("status").flatMap((line, index) => {
      const decoder = bitfinex.createDecoder(SCOPE);
      read({ ...STATUS, chanId: Number(/\d+/u.exec(line)?.[0]) }, decoder);
      const published = read(line, decoder).filter((message) => message.kind === "adl");
      for (const message of published) tracker.note(message, NOW + index);
      return published.length === 0 ? [] : [tracker.contracts(NOW + index)[0]?.insurance_fund];
    });
    expect(balances).toEqual([101_052.310_056_66, 101_120.803_281_79, 101_120.803_281_79, 1_372_762.954_022_42, 62_210_384.956_856_68]);
    expect(tracker.status(NOW), "the venue names no state").toMatchObject({
      changed_time: null,
      contracts: [{ state: null, since: null }],
    });
  });

  test("the newest status row, the announced book and the list of pairs", async () => {
    const decoder = bitfinex.createDecoder(SCOPE);
    const status = lines("status").at(-1) ?? "";
    read({ ...STATUS, chanId: Number(/\d+/u.exec(status)?.[0]) }, decoder);
    expect(read(status, decoder)).toEqual([
      { kind: "mark", instrument: "tBTCF0:USTF0", price: 86_676.3172, time: 1_790_133_734_000 },
      { kind: "index", instrument: "tBTCF0:USTF0", price: 86_670.5 },
      insuranceFund(62_210_384.956_856_68),
      { kind: "funding", instrument: "tBTCF0:USTF0", rate: 0 },
      { kind: "open_interest", instrument: "tBTCF0:USTF0", quantity: 8851.89352831 },
    ]);
    expect(read(lines("book")[0] ?? "", decoder)).toEqual([{ kind: "subscribed", topic: "book:tBTCF0:USTF0" }]);
    const table = await bitfinex.loadInstruments(answer(JSON.parse(lines("conf-pairs-futures")[0] ?? "")), ENDPOINTS);
    expect(table.map((instrument) => instrument.instrument)).toEqual(
      expect.arrayContaining(bitfinex.fallbackInstruments.map((instrument) => instrument.instrument)),
    );
  });
});
