import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { batchObjectKey } from "../../../src/batch-object.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
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
  writeFileSync(join(folder, "days", "daily", "liquidation_20261120.json"), JSON.stringify({ gaps }));
  writeFileSync(join(folder, "days", "daily", "liquidation_20261122.parquet"), "no Parquet");
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

describe("npm run backtest", () => {
  test("prints the same from batches, from a daily file and from an address", async () => {
    const server = createServer((request, response) => {
      const file = /^\/files\/(daily\/liquidation_20261120\.(?:parquet|json))$/.exec(request.url ?? "")?.[1];
      if (file === undefined) response.writeHead(404).end();
      else response.end(readFileSync(join(folder, "days", file)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files/`;
    try {
      const ran = await Promise.all([join(folder, "batches"), join(folder, "days"), base].map((data) => run(...RANGE, "--data", data)));
      const [first] = ran;
      expect(ran).toEqual([first, first, first]);
      expect(first).toMatchObject({ code: 0, error: "" });
      expect(first?.out).toContain("Decisions: 1: 0 BUY, 1 SELL, 0 NOTHING");
      expect(first?.out).toContain("History: 0 of the 30 days");
      expect(first?.out).toContain("Missing days: none");
      expect(first?.out).toContain("Gaps in the range: okx 1 (2.5 min)");
      for (const strategy of ["analyst", "always NOTHING", "random times", "fade the flow", "follow the flow"])
        expect(first?.out).toContain(strategy);
    } finally {
      server.close();
    }
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
    expect(out).toContain("Decisions without a grade, because a mark price is missing: 5m 1, 15m 1, 1h 1, 4h 1, 24h 1");
  });

  test.each([
    [["--to", "2026-11-21"], "--from is missing"],
    [["--from", "yesterday", "--to", "2026-11-21"], '--from is "yesterday"; allowed: an ISO 8601 time'],
    [["--from", "2026-11-21", "--to", "2026-11-20"], "allowed: --to after --from"],
    [[...RANGE, "--analyst", "gut"], '--analyst is "gut"; allowed: rules, recorded'],
    [[...RANGE, "--analyst", "recorded"], "--analyst recorded and --ledger FILE go together"],
    [[...RANGE, "--threshold=-1"], '--threshold is "-1"; allowed: a number above 0'],
    [[...RANGE, "--data", "/no/such/folder"], '--data is "/no/such/folder"; allowed: a folder that exists'],
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
    const broken = await run("--from", "2026-11-22", "--to", "2026-11-23", "--data", join(folder, "days"));
    expect(broken).toMatchObject({ code: 1, out: "" });
    expect(broken.error).toContain("liquidation_20261122.parquet");
  });
});
