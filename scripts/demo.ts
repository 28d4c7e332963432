import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runCommand } from "./command-line.ts";
import { type DemoOptions, readDemoOptions, USAGE } from "./demo/options.ts";
import { onInterruption } from "./interruption.ts";
import { requireFolder, requirePort } from "./machine.ts";

async function demo(options: DemoOptions): Promise<number> {
  await requirePort(options.port);
  const stateDir = await openState(options.state);
  // Until the market runs there is nothing to bring to an end.
  onInterruption(() => process.exit(130));
  // Loaded late: what a machine lacks is said before megabytes of tools are read.
  const { runDemo } = await import("./demo/run-demo.ts");
  return runDemo(options, stateDir);
}

/** @returns the folder of the state, one that is removed when the process ends where none was named */
async function openState(named: string | null): Promise<string> {
  if (named !== null) {
    await requireFolder("--state", resolve(named));
    return resolve(named);
  }
  await requireFolder("TMPDIR", tmpdir());
  const folder = mkdtempSync(join(tmpdir(), "liquidations-demo-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

await runCommand({ usage: USAGE, readOptions: () => readDemoOptions(process.argv.slice(2)), run: demo });
