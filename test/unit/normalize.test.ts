import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../../src/liquidation-fields.ts";

const SCRIPT = join(import.meta.dirname, "../../scripts/normalize.ts");
const MTS = 1_795_000_000_000;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(given: readonly string[], input: string | Uint8Array = ""): Promise<Outcome> {
  const child = spawn(process.execPath, [SCRIPT, ...given]);
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  // A command that refuses its arguments never reads.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, ...written }));
  });
}

function eventsOf({ stdout }: Outcome): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Record<string, unknown> => JSON.parse(line));
}

function row(id: number, symbol = "BTC", amount = 0.5): string {
  return JSON.stringify([5, [["pos", id, MTS, null, `t${symbol}F0:USTF0`, amount, 11_111, null, 0, 1, null, 80_000]]]);
}

const BITFINEX = ["--exchange", "bitfinex"];
const SUBSCRIBED = '{"event":"subscribed","channel":"status","chanId":5,"key":"liq:global"}';

describe("events", () => {
  test("are complete records in the list's order, null where only the collector would know", async () => {
    const before = Date.now();
    const outcome = await run(BITFINEX, row(1));
    const [event = {}] = eventsOf(outcome);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(Object.keys(event)).toEqual(LIQUIDATION_FIELDS.map((field) => field.name));
    expect(event).toMatchObject({
      event_id: `bitfinex:tBTCF0:USTF0:1:${MTS}`,
      exchange: "bitfinex",
      symbol: "BTC",
      position_side: "long",
      price: 80_000,
      usd_value: 40_000,
      source: "replay",
      gap_before_ms: 0,
      schema_version: SCHEMA_VERSION,
      mark_price: null,
      cascade_score: null,
      impact_60s_bps: null,
    });
    expect(event["received_time"]).toBeGreaterThanOrEqual(before);
  });

  test("come one a line and in order, from frames of one session; other frames write nothing", async () => {
    const status = '{"event":"subscribed","channel":"status","chanId":6,"key":"deriv:tBTCF0:USTF0"}';
    const frames = [SUBSCRIBED, row(1), '[5,"hb"]', status, `[6,[${MTS},null,1,2]]`, row(2), row(3)];
    const outcome = await run(BITFINEX, frames.join("\n"));
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(eventsOf(outcome).map((event) => event["event_id"])).toEqual([1, 2, 3].map((id) => `bitfinex:tBTCF0:USTF0:${id}:${MTS}`));
  });

  test("a repetition has the id of the first", async () => {
    const events = eventsOf(await run(BITFINEX, `${row(1)}\n${row(1)}\n`));
    expect(events.map((event) => event["event_id"])).toEqual(Array(2).fill(`bitfinex:tBTCF0:USTF0:1:${MTS}`));
  });

  test("every venue is one of the names", async () => {
    const frames: Readonly<Record<string, string>> = {
      binance:
        '{"e":"forceOrder","E":2,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"2","p":"9","ap":"10","X":"FILLED","l":"2","z":"2","T":1795000000000}}',
      bybit:
        '{"topic":"allLiquidation.BTCUSDT","type":"snapshot","ts":1795000000100,"data":[{"T":1795000000000,"s":"BTCUSDT","S":"Buy","v":"2","p":"10"}]}',
      okx: '{"arg":{"channel":"liquidation-orders","instType":"SWAP"},"data":[{"instId":"BTC-USDT-SWAP","instType":"SWAP","details":[{"posSide":"long","side":"sell","sz":"200","bkPx":"10","bkLoss":"0","ccy":"","ts":"1795000000000"}]}]}',
    };
    for (const [name, frame] of Object.entries(frames)) {
      const outcome = await run(["--exchange", name], frame);
      expect(outcome.stderr).toBe("");
      expect(eventsOf(outcome)).toMatchObject([
        { exchange: name, symbol: "BTC", position_side: "long", price: 10, quantity: 2, usd_value: 20 },
      ]);
    }
  });

  test("KuCoin has none", async () => {
    const frame =
      '{"topic":"/contract/instrument:XBTUSDTM","type":"message","subject":"mark.index.price","data":{"markPrice":80000,"indexPrice":80000}}';
    expect(await run(["--exchange", "kucoin"], frame)).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("symbols", () => {
  const frames = [row(1, "BTC"), row(2, "SOL"), row(3, "DOGE")].join("\n");

  test.each([
    [[], ["BTC", "SOL"]],
    [
      ["--symbols", "sol, doge"],
      ["SOL", "DOGE"],
    ],
    [
      ["--symbols", "*"],
      ["BTC", "SOL", "DOGE"],
    ],
  ])("%j gives %j", async (given, symbols) => {
    expect(eventsOf(await run([...BITFINEX, ...given], frames)).map((event) => event["symbol"])).toEqual(symbols);
  });
});

describe("the input", () => {
  test("a malformed frame is named with its line, and the run goes on", async () => {
    const outcome = await run(BITFINEX, [row(1), "", "{broken", row(2, "BTC", 0), row(3)].join("\n"));
    expect(outcome.code).toBe(0);
    expect(eventsOf(outcome)).toHaveLength(2);
    expect(outcome.stderr.split("\n")).toEqual([
      "line 3: not JSON: {broken",
      expect.stringMatching(/^line 4: liquidation row: no amount: \["pos",2/u),
      "",
    ]);
  });

  test("a byte order mark, CRLF, empty lines and a last line without an end change nothing", async () => {
    const outcome = await run(BITFINEX, `\uFEFF${row(1)}\r\n\r\n   \n${row(2)}\r\n${row(3)}`);
    expect(outcome.stderr).toBe("");
    expect(eventsOf(outcome)).toHaveLength(3);
  });

  test("a line separator inside a frame does not end it", async () => {
    const frame = JSON.parse(row(1)) as unknown[][];
    frame.push(["\u2028"]);
    const outcome = await run(BITFINEX, JSON.stringify(frame));
    expect(outcome).toMatchObject({ stderr: "" });
    expect(eventsOf(outcome)).toHaveLength(1);
  });

  test("nothing gives nothing", async () => {
    expect(await run(BITFINEX, "")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("bytes that are no text are a malformed frame", async () => {
    const outcome = await run(BITFINEX, Uint8Array.from([0xff, 0xfe, 0x00, 0x0a]));
    expect(outcome).toMatchObject({ code: 0, stdout: "" });
    expect(outcome.stderr).toMatch(/^line 1: not JSON/u);
  });

  test("the first event is written while the input is still open, and a reader that leaves ends the run", async () => {
    const child = spawn(process.execPath, [SCRIPT, ...BITFINEX]);
    let faults = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      faults += text;
    });
    child.stdin.on("error", () => {});
    child.stdin.write(`${row(1)}\n`);
    const first = await new Promise<string>((resolve) => {
      child.stdout.setEncoding("utf8").once("data", resolve);
    });
    expect(JSON.parse(first)).toMatchObject({ symbol: "BTC" });
    const closed = new Promise<number | null>((resolve) => {
      child.on("close", resolve);
    });
    child.stdout.destroy();
    const more = setInterval(() => child.stdin.write(`${row(2)}\n`.repeat(1000)), 10);
    expect(await closed).toBe(0);
    clearInterval(more);
    expect(faults).toBe("");
  });
});

const contract = (base: string, size: string) => ({
  instId: `${base}-USDT-SWAP`,
  instType: "SWAP",
  instFamily: `${base}-USDT`,
  uly: `${base}-USDT`,
  ctType: "linear",
  ctVal: size,
  ctMult: "1",
  ctValCcy: base,
  settleCcy: "USDT",
  state: "live",
});

const answer = (...data: unknown[]) => JSON.stringify({ code: "0", msg: "", data });

const page = (symbol: string, cursor: string) => ({
  retCode: 0,
  result: {
    category: "linear",
    nextPageCursor: cursor,
    list: [
      {
        symbol,
        contractType: "LinearPerpetual",
        status: "Trading",
        baseCoin: symbol.slice(0, -4),
        quoteCoin: "USDT",
        settleCoin: "USDT",
      },
    ],
  },
});

describe("the table of instruments", () => {
  const folder = mkdtempSync(join(tmpdir(), "normalize-"));
  const file = (name: string) => join(folder, name);
  const detail = '{"posSide":"short","side":"buy","sz":"3","bkPx":"20","bkLoss":"0","ccy":"","ts":"1795000000000"}';
  const frame = (base: string) =>
    `{"arg":{"channel":"liquidation-orders","instType":"SWAP"},"data":[{"instId":"${base}-USDT-SWAP","instType":"SWAP","details":[${detail}]}]}`;
  const given = ["--exchange", "okx", "--symbols", "*"];

  beforeAll(() => {
    writeFileSync(file("one.json"), `\uFEFF${JSON.stringify(JSON.parse(answer(contract("LINK", "5"))), null, 2)}\n`);
    writeFileSync(file("two.jsonl"), `${answer(contract("LINK", "5"))}\r\n\n${answer(contract("XRP", "100"))}\n`);
    writeFileSync(file("broken.json"), '{"code"');
    writeFileSync(file("refused.json"), '{"code":"50011","msg":"slow down","data":[]}');
    writeFileSync(file("bybit.jsonl"), `${JSON.stringify(page("LINKUSDT", "more"))}\n${JSON.stringify(page("XRPUSDT", "yet-more"))}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("gives contracts their size; without it the quantity is unknown", async () => {
    expect(eventsOf(await run(given, frame("LINK")))).toMatchObject([{ symbol: "LINK", contracts: 3, quantity: null, usd_value: null }]);
    expect(eventsOf(await run([...given, "--instruments", file("one.json")], frame("LINK")))).toMatchObject([
      { symbol: "LINK", contracts: 3, quantity: 15, usd_value: 300 },
    ]);
  });

  test("may be several answers, one a line, and adds to what is built in", async () => {
    const frames = ["LINK", "XRP", "BTC"].map(frame).join("\n");
    const events = eventsOf(await run([...given, "--instruments", file("two.jsonl")], frames));
    expect(events.map((event) => event["quantity"])).toEqual([15, 300, 0.03]);
  });

  test("of a venue with pages takes the last answer for the last page", async () => {
    const liquidation =
      '{"topic":"allLiquidation.XRPUSDT","type":"snapshot","ts":1,"data":[{"T":1795000000000,"s":"XRPUSDT","S":"Buy","v":"2","p":"10"}]}';
    const outcome = await run(["--exchange", "bybit", "--symbols", "*", "--instruments", file("bybit.jsonl")], liquidation);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(eventsOf(outcome)).toMatchObject([{ usd_value: 20 }]);
  });

  test.each(["broken.json", "refused.json", "missing.json"])("that is no table (%s) is refused before any frame is read", async (name) => {
    const outcome = await run([...given, "--instruments", file(name)], frame("BTC"));
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(new RegExp(`^normalize: --instruments .*${name}: .+; allowed: .+okx.+\n$`, "u"));
  });
});

describe("raw files of the API", () => {
  const folder = mkdtempSync(join(tmpdir(), "raw-"));
  const file = (name: string) => join(folder, name);
  const raw = (change: object) =>
    JSON.stringify({
      exchange: "bitfinex",
      adapter_version: 2,
      received_time: MTS + 250,
      source: "stream",
      socket: "main",
      connection: "one",
      event_ids: [`bitfinex:tBTCF0:USTF0:1:${MTS}`],
      symbols: ["BTC"],
      instruments: [],
      earlier: [],
      text: row(1),
      ...change,
    });
  const contracts = [
    { instrument: "LINK-USDT-SWAP", symbol: "LINK", quote: "USDT", scale: 1, contract: { kind: "base", size: 5 }, trading: true },
  ];
  const details = [{ posSide: "short", side: "buy", sz: "3", bkPx: "20", bkLoss: "0", ccy: "", ts: String(MTS) }];
  const history = JSON.stringify({ code: "0", msg: "", data: [{ instId: "LINK-USDT-SWAP", instType: "SWAP", details }] });
  const okx = { exchange: "okx", source: "backfill", socket: "rest", symbols: ["LINK"], instruments: contracts, text: history };

  beforeAll(() => {
    writeFileSync(file("bitfinex.ndjson.gz"), gzipSync(`${raw({})}\n${raw({ text: row(2, "SOL") })}\n`));
    writeFileSync(file("okx.ndjson"), `${raw(okx)}\n`);
    writeFileSync(
      file("broken.ndjson"),
      `{"exchange"\n${raw({ exchange: "ftx" })}\n${raw({ text: null })}\n${raw({ ...okx, text: "{" })}\n${raw({})}\n`,
    );
    writeFileSync(file("cut.ndjson.gz"), gzipSync(raw({}).repeat(50)).subarray(0, 100));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("give rows with the time of arrival and the source, in the scope and by the contracts that each line names", async () => {
    const outcome = await run([file("bitfinex.ndjson.gz"), file("okx.ndjson")]);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(eventsOf(outcome)).toMatchObject([
      { event_id: `bitfinex:tBTCF0:USTF0:1:${MTS}`, received_time: MTS + 250, source: "stream", price: 80_000 },
      { exchange: "okx", symbol: "LINK", received_time: MTS + 250, source: "backfill", contracts: 3, quantity: 15, usd_value: 300 },
    ]);
  });

  test("a line that is no frame is named, and the run goes on", async () => {
    const outcome = await run([file("broken.ndjson")]);
    expect(outcome.code).toBe(0);
    expect(eventsOf(outcome)).toHaveLength(1);
    expect(outcome.stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/broken\.ndjson line 1: not JSON: /u),
      expect.stringMatching(/line 2: not a raw frame: exchange .*binance.*bitfinex/u),
      expect.stringMatching(/line 3: the frame was too long to be kept: bitfinex:/u),
      expect.stringMatching(/line 4: not JSON: /u),
    ]);
  });

  test.each(["missing.ndjson.gz", "cut.ndjson.gz"])("a file that cannot be read (%s) ends the run with exit code 2", async (name) => {
    const outcome = await run([file(name)]);
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.stderr).toMatch(new RegExp(`^normalize: .*${name}: .+; allowed: a raw file of the API`, "mu"));
  });
});

describe("arguments", () => {
  test.each<[readonly string[], RegExp]>([
    [[], /--exchange is missing; allowed: binance, bybit, okx, kucoin, bitfinex/u],
    [["--exchange", "ftx"], /--exchange is "ftx"; allowed: binance, bybit/u],
    [["--exchange"], /--exchange.*; allowed: normalize --exchange NAME/u],
    [[...BITFINEX, "--symbols", "BTC,*"], /--symbols is "BTC,\*"; allowed: either \* alone/u],
    [[...BITFINEX, "--symbols", ""], /--symbols is ""; allowed: at least one base asset, or \*/u],
    [[...BITFINEX, "--venue", "x"], /--venue.*; allowed: normalize --exchange NAME/u],
    [[...BITFINEX, "frames.jsonl"], /frames\.jsonl.*; allowed: normalize --exchange NAME/u],
  ])("%j: one clear line and exit code 2", async (given, line) => {
    const outcome = await run(given);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(line);
    expect(outcome.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("--help names the default of every option", async () => {
    const outcome = await run(["--help"]);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toMatch(/--symbols LIST .*default: BTC,ETH,SOL/u);
  });
});
