import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "./command-line.ts";
import { USAGE, readOptions } from "./deploy/options.ts";
import { runDeploy } from "./deploy/run-deploy.ts";
import { processTerminal } from "./deploy/terminal.ts";
import { wranglerIn } from "./deploy/wrangler.ts";

const ROOT = resolve(import.meta.dirname, "..");

await runCommand({
  usage: USAGE,
  readOptions: () => readOptions(process.argv.slice(2), ROOT),
  run: (options) =>
    runDeploy(options, { terminal: processTerminal(), wrangler: wranglerIn(ROOT), environment: process.env, sleep: (ms) => sleep(ms) }),
});
