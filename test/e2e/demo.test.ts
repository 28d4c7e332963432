import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { parseConfig } from "../../src/config.ts";

/** Each run starts everything there is, which a busy machine takes its time for. */
const TIMEOUT_MS = 400_000;
const LAUNCHER = resolve(import.meta.dirname, "../../scripts/run.cjs");

let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "liquidations-demo-test-"));
});

afterAll(() => rm(stateDir, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the demo on the test's state, as npm does, with the venues that are collected by default. @param onOutput called with all that it has printed so far */
function demo(args: readonly string[], onOutput: (output: string, child: ChildProcess) => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, [LAUNCHER, "demo.ts", "--port", "0", "--rate", "20", "--state", stateDir, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LIQUIDATION_EXCHANGES: parseConfig({}).LIQUIDATION_EXCHANGES.join(",") },
  });
  // What a test that is given up leaves behind ends by itself: the launcher's end interrupts the command.
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  const take = (part: Buffer) => {
    output += part.toString();
    onOutput(output, child);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((done) => child.on("close", (code) => done({ code, output })));
}

test(
  "interrupted, the demo stops the market, reconciles and ends as it would have; its history gives every route something to say",
  { timeout: TIMEOUT_MS },
  async () => {
    let isInterrupted = false;
    const { code, output } = await demo(["--minutes", "2", "--history-days", "1.1"], (so_far, child) => {
      if (isInterrupted || !/ [1-9]\d* liquidations on the wire/.test(so_far)) return;
      isInterrupted = true;
      child.kill("SIGINT");
    });
    expect(output).toContain("The market has stopped; waiting until every store has everything.");
    expect(output).toContain("sent = R2 = D1 = Supabase, each liquidation once.");
    expect(output).toMatch(/│ kucoin {3}│ live {2}│ none/);
    expect(output).toMatch(/decisions of a simulated language model beside the rule model/);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    expect(output).toMatch(new RegExp(`│ ${yesterday} │ +[\\d,]+ │`));
    expect(output).toMatch(/│ BTC {4}│ +\d+% │ +[\d,]+ │ +[01]\.\d{3} │/);
    expect(output).toMatch(/│ export done with a new key +│ done +│ done +│ +│ agrees/);
    expect(code, output).toBe(0);
  },
);

test("the same state again goes on, and only what this run sent is reconciled", { timeout: TIMEOUT_MS }, async () => {
  const { code, output } = await demo(["--minutes", "0.2"]);
  expect(output).toContain("history      as this state has it");
  expect(output).toContain("sent = R2 = D1 = Supabase, each liquidation once.");
  expect(output).toMatch(/│ supabase │ +[1-9]\d* │ +[1-9]\d* │ +0 │ +0 │/);
  expect(code, output).toBe(0);
});
