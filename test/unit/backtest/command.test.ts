import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { batchObjectKey } from "../../../src/batch-object.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
import { trainedModel } from "../training/trained-model.ts";
import { at, liquidation } from "./events.ts";

const SCRIPT = new URL("../../../scripts/backtest.ts", import.meta.url).pathname;
const RANGE = ["--from", "2026-11-20T10:10", "--to", "2026-11-20T10:41", "--symbols", "BTC"];
const SIGNAL = "BTC-15m-20261120T1011Z";

/** 10,000 USD of longs a minute from 09:40 to 10:40 while the mark falls, and 80,000 more at 10:10:40. */
const ROWS: readonly Liquidation[] = [
  ...Array.from({ length: 61 }, (_, n) =>
    liquidation(at("09:40") + n * MINUTE_MS + 30 * SECOND_MS, { mark_price: n < 28 ? 100 : 100 - (n - 27) / 10 }),
  ),
  liquidation(at("10:10:40"), { event_id: "burst", usd_value: 80_000, mark_price: 99.7 }),
];

/** The mark of each minute as the liquidations have it. */
const MARKS = [
  "minute,symbol,exchange,open,high,low,close",
  ...Array.from({ length: 120 }, (_, n) => {
    const mark = n < 28 ? 100 : Math.max(90, 100 - (n - 27) / 10);
    return [at("09:40") + n * MINUTE_MS, "BTC", "binance", mark, mark, mark, mark].join(",");
  }),
].join("\n");

let folder = "";
beforeAll(() => {
  loadParquet();
  folder = mkdtempSync(join(tmpdir(), "backtest-test-"));
  const gaps = [{ exchange: "okx", from_time: at("10:20"), to_time: at("10:22:30"), reason: "disconnected" }];
  for (const [index, rows] of [ROWS.slice(0, 30), ROWS.slice(30)].entries()) {
    const key = join(folder, "batches", batchObjectKey("binance", 1, index + 1, "2026-11-20"));
    mkdirSync(join(key, ".."), { recursive: true });
    writeFileSync(key, encodeLiquidations(rows, { metadata: { gaps: index === 0 ? [] : gaps } }));
  }
  mkdirSync(join(folder, "days", "daily"), { recursive: true });
  writeFileSync(join(folder, "days", "daily", "liquidation_20261120.parquet"), encodeLiquidations(ROWS, { metadata: {} }));
  writeFileSync(join(folder, "days", "daily", "liquidation_20261120.json"), JSON.stringify({ date: "2026-11-20", gaps }));
  for (const name of ["batches", "days"]) writeFileSync(join(folder, name, "marks.csv"), MARKS);
  mkdirSync(join(folder, "broken"));
  writeFileSync(join(folder, "broken", "liquidation_20261122.parquet"), "no Parquet");
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function run(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], (error, out, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, error: stderr });
    });
  });
}

const runDays = (...more: readonly string[]) => run(...RANGE, "--data", join(folder, "days"), ...more);

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("npm run backtest --rules", () => {
  test("decides by a trained model, and marks the days it was trained on", async () => {
    const model = await trainedModel({ trained_from: at("00:00"), trained_to: at("10:20") });
    const { code, out, error } = await runDays("--rules", file("model.json", JSON.stringify(model)));
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const version = `rules-v2:${model.hash.slice(0, 12)}`;
    expect(out).toContain(`analyst ${version}`);
    expect(out).toContain(`WARNING: ${version} was trained on decisions from 2026-11-20T00:00Z to 2026-11-20T10:20Z.`);
    expect(out).toMatch(/2026-11-20 │ partly in-sample │/);
    expect((await runDays()).out).not.toContain("in-sample");
  });

  test("refuses a file that is no model which may decide, with the reason", async () => {
    const model = await trainedModel();
    const changed = file("changed.json", JSON.stringify({ ...model, gain_bps: 1_000 }));
    const failed = file("failed.json", JSON.stringify(await trainedModel({ refusal: "it beat the base rate in 1 of 5 folds" })));
    for (const [path, reason] of [
      [file("cut.json", JSON.stringify(model).slice(0, 100)), "it is not valid JSON: "],
      [file("foreign.json", '{"weights":[1,2]}'), "features_version: "],
      [file("large.json", "x".repeat(70_000)), "it has 70000 bytes; a rule model has at most 65536"],
      [changed, "its hash does not match its fields: it was changed after it was trained"],
      [failed, "it failed its test: it beat the base rate in 1 of 5 folds"],
      [join(folder, "none.json"), ""],
    ] as const) {
      const { code, error } = await runDays("--rules", path);
      expect(code).toBe(2);
      expect(error).toContain(reason === "" ? `--rules is "${path}"` : `--rules ${path}: ${reason}`);
    }
  });
});

describe("npm run backtest", () => {
  test("prints the same from batches and from a daily file, and twice the same", async () => {
    const ran = await Promise.all(["batches", "days", "days"].map((name) => run(...RANGE, "--data", join(folder, name))));
    const [first, second, third] = ran.map(({ out }) => out.replace(/^Inputs.*$/m, ""));
    expect([second, third]).toEqual([first, first]);
    expect(ran[2]).toEqual(ran[1]);
    expect(ran[0]).toMatchObject({ code: 0, error: "" });
    expect(first).toContain("Decisions: 1: 0 BUY, 1 SELL, 0 NOTHING");
    expect(first).toContain("Marks: 120 minute marks read from the data");
    expect(first).toContain("History: 0 of the 30 days");
    expect(first).toContain("Missing days: none");
    expect(first).toContain("Gaps in the range: okx 1 (2.5 min)");
    for (const strategy of ["analyst", "always NOTHING", "random times", "fade the flow", "follow the flow"])
      expect(first).toContain(strategy);
  });

  test("takes the mark prices of the liquidations only where that is asked for, and says what is lost", async () => {
    const bare = join(folder, "bare");
    mkdirSync(bare);
    writeFileSync(join(bare, "liquidation_20261120.parquet"), encodeLiquidations(ROWS, { metadata: { gaps: [] } }));
    const without = await run(...RANGE, "--data", bare);
    expect(without).toMatchObject({ code: 1, out: "" });
    expect(without.error).toContain("has no minute marks from 2026-11-20T10:10:00.000Z");
    expect(without.error).toContain("--marks events");
    const { code, out } = await run(...RANGE, "--data", bare, "--marks", "events");
    expect(code).toBe(0);
    expect(out).toContain("Marks: FALLBACK (--marks events)");
    expect(out).toMatch(/\d of 5 exits \(.*%\) are lost for want of a mark/);
  });

  test("names the days of which nothing is stored", async () => {
    const { code, out } = await run("--from", "2026-11-20", "--to", "2026-11-22", "--symbols", "BTC", "--data", join(folder, "batches"));
    expect(code).toBe(0);
    expect(out).toContain("Missing days: 2026-11-21");
  });

  test("takes recorded verdicts by signal id, and marks from a file", async () => {
    const ledger = join(folder, "ledger.jsonl");
    const record = { signal_id: SIGNAL, minute: at("10:11"), symbol: "BTC", created_time: at("10:11:05"), action: "BUY", confidence: 80 };
    const rest = { reason: "x", reason_code: null, invalidation: null, analyst: "deepseek", model: "m", prompt_version: "v1" };
    const other = { ...record, ...rest, signal_id: "BTC-15m-20261120T1030Z", minute: at("10:30") };
    writeFileSync(ledger, `${JSON.stringify({ ...record, ...rest })}\n${JSON.stringify(other)}\n`);
    const marks = join(folder, "marks.csv");
    writeFileSync(marks, "minute,symbol,open,high,low,close\n2026-11-20T10:12:00Z,BTC,100,100,100,100\n");
    const args = [...RANGE, "--data", join(folder, "days"), "--analyst", "recorded", "--ledger", ledger, "--marks", marks];
    const { code, out, error } = await run(...args);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain("Decisions: 1: 1 BUY, 0 SELL, 0 NOTHING");
    expect(out).toContain("Recorded decisions in the range without a spike in the replay: 1");
    expect(out).toContain("Decisions without a grade: 5 of 5 exits (100.0%) are lost for want of a mark");
    expect(out).toContain("no mark of the venue near the exit: 5m 1, 15m 1, 1h 1, 4h 1, 24h 1");
  });

  test.each([
    [["--to", "2026-11-21"], "--from is missing"],
    [["--from", "yesterday", "--to", "2026-11-21"], '--from is "yesterday"; allowed: an ISO 8601 time'],
    [["--from", "2026-11-21", "--to", "2026-11-20"], "allowed: --to after --from"],
    [[...RANGE, "--data", ".", "--analyst", "gut"], '--analyst is "gut"; allowed: rules, recorded'],
    [[...RANGE, "--data", ".", "--analyst", "recorded"], "--analyst recorded and --ledger FILE go together"],
    [[...RANGE, "--data", ".", "--threshold=-1"], '--threshold is "-1"; allowed: a number above 0'],
    [RANGE, "no data is named; allowed: one of --data PATH, --url URL, --state DIR"],
    [[...RANGE, "--data", ".", "--state", "."], "data is named more than once; allowed: one of"],
    [[...RANGE, "--data", "/no/such/folder"], '--data is "/no/such/folder"; allowed: a file or folder that exists'],
    [[...RANGE, "--data", "https://a.example"], "allowed: a folder or file; --url for an address"],
    [[...RANGE, "--url", "liquidations"], "allowed: an http(s) address"],
    [[...RANGE, "--data", ".", "--key", "k"], "--key and --cache go with --url"],
    [[...RANGE, "--url", "http://localhost:1", "--key", "env"], "the variable LIQUIDATIONS_KEY is not set"],
    [[...RANGE, "--data", ".", "--grid", "speed=1"], "with NAME one of window, threshold, percentile"],
    [[...RANGE, "--data", ".", "--grid", "floor="], "NAME=VALUE,VALUE"],
    [[...RANGE, "--data", ".", "--horizon", "2h"], '--horizon is "2h"; allowed: 5m, 15m, 1h, 4h, 24h'],
    [[...RANGE, "--data", ".", "--seed", "x"], '--seed is "x"; allowed: a whole number'],
    [[...RANGE, "--speed", "9"], "allowed: --from, --to, --data"],
  ])("ends with code 2 and says what is allowed for %j", async (args, message) => {
    const { code, out, error } = await run(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(error).toContain(message);
  });

  test("ends with code 1 where nothing of the range is stored, or a file cannot be read", async () => {
    const empty = await run("--from", "2026-10-01", "--to", "2026-10-02", "--data", join(folder, "batches"));
    expect(empty).toMatchObject({ code: 1, out: "" });
    expect(empty.error).toContain("has no liquidation of BTC, ETH, SOL from 2026-10-01");
    const broken = await run("--from", "2026-11-22", "--to", "2026-11-23", "--data", join(folder, "broken"));
    expect(broken).toMatchObject({ code: 1, out: "" });
    expect(broken.error).toContain("liquidation_20261122.parquet");
  });
});
