import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const LAUNCHER = resolve(import.meta.dirname, "../../scripts/run.cjs");
const TIMEOUT_MS = 600_000;
/** Its plan has every kind of fault. */
const SEED = "441";

test(
  "two minutes of random faults lose nothing outside a recorded gap, double nothing, and no feed is live falsely",
  { timeout: TIMEOUT_MS },
  async () => {
    const child = spawn(process.execPath, [LAUNCHER, "campaign.ts", "--seed", SEED, "--minutes", "2"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGTERM"));
    const output = await printed(child);
    expect(child.exitCode, output).toBe(0);
    expect(output).toContain("No violation.");
  },
);

async function printed(child: ChildProcess): Promise<string> {
  let output = "";
  child.stdout?.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr?.on("data", (part: Buffer) => (output += part.toString()));
  await new Promise((done) => child.on("close", done));
  return output;
}
