import { execFile } from "node:child_process";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
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
