import { execFile } from "node:child_process";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { sealDecision, type SignalRecord } from "../../../src/signals/ledger.ts";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { encodeMinuteMarks } from "../../../src/parquet/encode.ts";
import { type GradeRecord, sealGrade } from "../../../src/grades/grade-ledger.ts";
import { dueTime, entryMinute, givenGrade, gradeOf } from "../../../src/grades/grade.ts";
import { TAKER_FEES_BPS } from "../../../src/grades/taker-fees.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { sampleGrade } from "./sample-grade.ts";
import { MINUTE, sampleInput } from "./sample-input.ts";

const SCRIPT = resolve(import.meta.dirname, "../../../scripts/verify-ledger.ts");

let records: SignalRecord[] = [];
let grades: GradeRecord[] = [];
let server: Server;

/** Gives each chain two records a page. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const chain: readonly object[] = pathname === "/v1/signals/grades" ? grades : records;
    const from = Number(searchParams.get("cursor") ?? 0);
    const next = from + 2 < chain.length ? String(from + 2) : null;
    response.end(JSON.stringify({ data: chain.slice(from, from + 2), meta: { next_cursor: next } }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(() => server.close());

beforeEach(() => {
  grades = [];
});

async function ledger(length: number): Promise<SignalRecord[]> {
  return extended([], length);
}

/** A ledger with more records after those given, up to a length. */
async function extended(before: readonly SignalRecord[], length: number): Promise<SignalRecord[]> {
  const sealed = [...before];
  for (let n = sealed.length + 1; n <= length; n += 1) {
    const decision = {
      signal_id: `BTC-15m-${n}`,
      created_time: MINUTE + n,
      minute: MINUTE,
      symbol: "BTC",
      window: "15m",
      action: "NOTHING" as const,
      confidence: 0,
      calibrated_probability: null,
      paper: true,
      reason: "r",
      reason_code: "timeout",
      invalidation: null,
      long_change_pct: 1.5,
      short_change_pct: null,
      statistics: sampleInput({}),
      analyst: "deepseek" as const,
      model: "deepseek-flash",
      prompt_version: "v1",
      rule_action: "BUY" as const,
    };
    sealed.push(await sealDecision(decision, sealed.at(-1) ?? GENESIS));
  }
  return sealed;
}

function run(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [SCRIPT, ...args], (error, stdout, stderr) => {
      done({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test("a ledger that fits ends with 0, over all its pages", async () => {
  records = await ledger(5);
  const { code, output } = await run("--url", url());
  expect(output).toContain(`5 records match. The last one has the hash ${records[4]?.hash}`);
  expect(code).toBe(0);
});

test("an edited record ends with 1 and is named", async () => {
  records = (await ledger(5)).map((record) => (record.sequence === 4 ? { ...record, confidence: 99 } : record));
  const { code, output } = await run("--url", url());
  expect(output).toContain("Record 4 (BTC-15m-4) does not match: hash");
  expect(code).toBe(1);
});

/** A grade of each decision. */
async function gradesOf(decisions: readonly SignalRecord[]): Promise<GradeRecord[]> {
  const sealed: GradeRecord[] = [];
  for (const { signal_id, action, rule_action, hash } of decisions) {
    sealed.push(await sampleGrade(signal_id, { action, rule_action, hash, side: null }, sealed.at(-1)));
  }
  return sealed;
}

describe("the chain of grades", () => {
  beforeEach(async () => {
    records = await ledger(5);
    grades = await gradesOf(records);
  });

  test("that fits ends with 0, over all its pages", async () => {
    const { code, output } = await run("--url", url());
    expect(output).toContain(`5 grades match. The last one has the hash ${grades[4]?.hash}`);
    expect(code).toBe(0);
  });

  test("with an edited grade ends with 1 and names it", async () => {
    grades = grades.map((grade) => (grade.sequence === 3 ? { ...grade, rule_net_return_bps: 400 } : grade));
    const { code, output } = await run("--url", url());
    expect(output).toContain("Grade 3 (BTC-15m-3, 1h) does not match: hash");
    expect(code).toBe(1);
  });

  test("of other decisions than the ledger's ends with 1, although every grade matches", async () => {
    records = await recomputed(5);
    const { code, output } = await run("--url", url());
    expect(output).toContain("5 grades match");
    expect(output).toContain(
      `Grade 5 (BTC-15m-5, 1h) is of a decision with the hash ${grades[4]?.signal_hash}, which the ledger does not have.`,
    );
    expect(code).toBe(1);
  });

  test("that was cut after its anchor ends with 1", async () => {
    const [kept] = grades.slice(-1);
    const folder = await mkdtemp(join(tmpdir(), "anchors-"));
    const file = join(folder, "delivery.json");
    const head = { sequence: 5, hash: records[4]?.hash };
    await writeFile(file, JSON.stringify({ data: { ...head, grades_sequence: kept?.sequence, grades_hash: kept?.hash } }));
    expect((await run("--url", url(), "--anchors", file)).output).toContain("1 of 1 anchors are in the chain of grades.");
    grades = grades.slice(0, 3);
    const { code, output } = await run("--url", url(), "--anchors", file);
    expect(output).toContain(`The chain of grades was cut: it ends at grade 3, but an anchor names grade 5 with the hash ${kept?.hash}.`);
    expect(code).toBe(1);
    await rm(folder, { recursive: true });
  });
});

/** The same grade as the method before gave it, without its place. */
const former = ({ sequence: _sequence, previous_hash: _previous, hash: _hash, ...fields }: GradeRecord) => ({ ...fields, version: 2 });

describe("with exported minute marks, grades are computed again", () => {
  const marks = Array.from({ length: 180 }, (_, index): MinuteMark => {
    const price = 100 + (index % 7) / 100;
    const ohlc = { open: price, high: price + 0.01, low: price - 0.01, close: price };
    const market = { ...UNKNOWN_MINUTE_MARKET, spread_bps: 0.2, volume_usd: 4e6, funding_rate: 1e-4, funding_interval_hours: 1 };
    return { minute: MINUTE + (index - 60) * MINUTE_MS, symbol: "BTC", exchange: "okx", samples: 60, ...ohlc, ...market };
  });
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "marks-"));
    file = join(folder, "marks.parquet");
    loadParquet();
    await writeFile(file, encodeMinuteMarks(marks, { metadata: {} }));
    records = await ledger(2);
    const book = new MarkBook();
    for (const mark of marks) book.put(mark);
    grades = [];
    for (const record of records) {
      const decision = { ...record, side: null };
      const path = book.path("BTC", entryMinute(record), "1h", Infinity, TAKER_FEES_BPS);
      const grade = typeof path === "string" ? null : gradeOf(decision, "1h", path, []);
      const { signal_id, hash: signal_hash } = record;
      const fields = { signal_id, horizon: "1h" as const, due_time: dueTime(record, "1h"), signal_hash };
      grades.push(await sealGrade({ ...fields, ...givenGrade(path, grade, MINUTE) }, grades.at(-1) ?? GENESIS));
    }
    return () => rm(folder, { recursive: true });
  });

  test("and end with 0 where they follow from them", async () => {
    const { code, output } = await run("--url", url(), "--marks", file);
    expect(output).toContain("2 grades follow from the marks; 0 need marks of days that were not given.");
    expect(code).toBe(0);
  });

  test("of version 2 too, but for those that counted an unknown part of the cost as 0", async () => {
    const [first, second] = grades;
    if (first === undefined || second === undefined) throw new Error("two grades");
    const one = await sealGrade(former(first), GENESIS);
    grades = [one, await sealGrade({ ...former(second), spread_bps: null, cost_bps: 10, net_return_bps: 1 }, one)];
    const { code, output } = await run("--url", url(), "--marks", file);
    expect(output).toContain("1 grades follow from the marks; 0 need marks of days that were not given, 1 are of another version.");
    expect(code).toBe(0);
  });

  test("and end with 1 where one does not, although its hash is right", async () => {
    const [first, second] = grades;
    if (first === undefined || second === undefined) throw new Error("two grades");
    const { sequence: _sequence, previous_hash: _previous, hash: _hash, ...fields } = second;
    grades = [first, await sealGrade({ ...fields, exit_price: 107 }, first)];
    const { code, output } = await run("--url", url(), "--marks", file);
    expect(output).toContain("2 grades match");
    expect(output).toContain("Grade 2 (BTC-15m-2, 1h) does not follow from the marks: exit_price is 107, but should be");
    expect(code).toBe(1);
  });

  test("and end with 2 where a file holds no marks", async () => {
    await writeFile(file, "minute,symbol");
    expect((await run("--url", url(), "--marks", file)).code).toBe(2);
  });
});

test("a ledger that cannot be read ends with 2", async () => {
  expect((await run("--url", "http://127.0.0.1:1")).code).toBe(2);
  expect((await run()).code).toBe(2);
});

/** The records from a place on, sealed again as by someone who holds the ledger. */
async function recomputed(from: number): Promise<SignalRecord[]> {
  const sealed = records.slice(0, from - 1);
  for (const { sequence: _sequence, input_hash: _input, previous_hash: _previous, hash: _hash, ...decision } of records.slice(from - 1)) {
    sealed.push(await sealDecision({ ...decision, confidence: 99 }, sealed.at(-1) ?? GENESIS));
  }
  return sealed;
}

describe("a ledger with anchors that were kept", () => {
  const kept: string[] = [];
  let folder: string;
  beforeEach(async () => {
    records = await ledger(5);
    folder = await mkdtemp(join(tmpdir(), "anchors-"));
    const anchors = [records[1], records[4]].map((record) => ({ sequence: record?.sequence, hash: record?.hash }));
    // A delivery, and a manifest as the API returns it.
    const files = [{ type: "ledger.anchored", data: { date: "2026-11-20", ...anchors[0] } }, { data: { rows: 3, ledger: anchors[1] } }];
    kept.length = 0;
    for (const [index, content] of files.entries()) {
      const path = join(folder, `${index}.json`);
      await writeFile(path, JSON.stringify(content));
      kept.push("--anchors", path);
    }
    return () => rm(folder, { recursive: true });
  });

  test("ends with 0 where it contains them, whatever was added since", async () => {
    records = await extended(records, 7);
    const { code, output } = await run("--url", url(), ...kept, "--anchor", `0:${GENESIS.hash}`);
    expect(output).toContain("3 of 3 anchors are in the ledger.");
    expect(code).toBe(0);
  });

  test("ends with 1 where its tail was cut, although every record matches", async () => {
    const anchor = records[4];
    records = records.slice(0, 3);
    const { code, output } = await run("--url", url(), ...kept);
    expect(output).toContain("3 records match");
    expect(output).toContain(`The ledger was cut: it ends at record 3, but an anchor names record 5 with the hash ${anchor?.hash}.`);
    expect(output).toContain("1 of 2 anchors");
    expect(code).toBe(1);
  });

  test("ends with 1 where it was recomputed from the middle, although every record matches", async () => {
    records = await recomputed(3);
    const { code, output } = await run("--url", url(), ...kept);
    expect(output).toContain("5 records match");
    expect(output).toContain(`The ledger was recomputed: record 5 has the hash ${records[4]?.hash}, but an anchor names`);
    expect(code).toBe(1);
  });

  test("ends with 2 where an anchor cannot be read, and says what is allowed", async () => {
    const wrong = await run("--url", url(), "--anchor", "17");
    expect(wrong.output).toContain('--anchor is "17"; allowed: a sequence number, a colon and 64 hexadecimal digits');
    await writeFile(join(folder, "none.json"), JSON.stringify({ data: { rows: 3, ledger: null } }));
    const none = await run("--url", url(), "--anchors", join(folder, "none.json"));
    expect(none.output).toContain("none.json holds no anchor; allowed: a day's manifest or a delivery of ledger.anchored");
    expect([wrong.code, none.code]).toEqual([2, 2]);
  });
});

test("a key is not sent in the clear beyond this machine", async () => {
  const { code, output } = await run("--url", "http://liquidations.example.com", "--key", "liq_s3cret");
  expect(output).toContain('--url is "http://liquidations.example.com"; allowed with --key: an https:// address');
  expect(output).not.toContain("s3cret");
  expect(code).toBe(2);
  records = await ledger(1);
  expect((await run("--url", url(), "--key", "liq_s3cret")).code).toBe(0);
});
