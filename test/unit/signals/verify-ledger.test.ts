import { execFile } from "node:child_process";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GENESIS, type SignalRecord, sealDecision } from "../../../src/signals/ledger.ts";
import { MINUTE, sampleInput } from "./sample-input.ts";

const SCRIPT = resolve(import.meta.dirname, "../../../scripts/verify-ledger.ts");

let records: SignalRecord[] = [];
let server: Server;

/** Gives the ledger two records a page. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    const from = Number(searchParams.get("cursor") ?? 0);
    const next = from + 2 < records.length ? String(from + 2) : null;
    response.end(JSON.stringify({ data: records.slice(from, from + 2), meta: { next_cursor: next } }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(() => server.close());

async function ledger(length: number): Promise<SignalRecord[]> {
  const sealed: SignalRecord[] = [];
  for (let n = 1; n <= length; n += 1) {
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

test("a ledger that cannot be read ends with 2", async () => {
  expect((await run("--url", "http://127.0.0.1:1")).code).toBe(2);
  expect((await run()).code).toBe(2);
});

test("a key is not sent in the clear beyond this machine", async () => {
  const { code, output } = await run("--url", "http://liquidations.example.com", "--key", "liq_s3cret");
  expect(output).toContain('--url is "http://liquidations.example.com"; allowed with --key: an https:// address');
  expect(output).not.toContain("s3cret");
  expect(code).toBe(2);
  records = await ledger(1);
  expect((await run("--url", url(), "--key", "liq_s3cret")).code).toBe(0);
});
