import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { Advice } from "../command-line.ts";
import { WRANGLER } from "../wrangler-path.ts";

export interface WranglerResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs wrangler with arguments and variables over those of this process, without a terminal. */
export type RunWrangler = (args: readonly string[], variables?: Readonly<Record<string, string>>) => Promise<WranglerResult>;

/** All questions are asked before, so wrangler gets no terminal, and its output is shown only where it fails. */
export function wranglerIn(folder: string): RunWrangler {
  return (args, variables = {}) =>
    new Promise((done, fail) => {
      const child = spawn(process.execPath, [WRANGLER, ...args], {
        cwd: folder,
        env: { ...process.env, CI: "true", NO_COLOR: "1", WRANGLER_HIDE_BANNER: "true", ...variables },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (part: Buffer) => (stdout += part.toString()));
      child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
      child.on("error", fail);
      child.on("close", (code) => done({ code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) }));
    });
}

/** What this run created in the account. */
export interface MadeResource {
  /** "the R2 bucket liquidations". */
  readonly name: string;
  /** The command that removes it. */
  readonly removal: string;
}

/** What stays in the account of somebody who does not go on. */
function leftText(made: readonly MadeResource[]): string {
  if (made.length === 0) return "";
  const names = made.map(({ name }) => name).join(" and ");
  return ` This run has created ${names}; to leave nothing behind instead, run ${made.map(({ removal }) => `"${removal}"`).join(" and ")}.`;
}

/** Refusals of Cloudflare that have a remedy of their own, by the code in wrangler's output. */
const REMEDIES: ReadonlyMap<string, (accountId: string, made: readonly MadeResource[]) => string> = new Map([
  [
    "100328",
    (accountId: string, made: readonly MadeResource[]) =>
      `This account is on the Workers Free plan, which ends objects that run all day; switch to Workers Paid at https://dash.cloudflare.com/${accountId}/workers/plans and run it again, which goes on from here.${leftText(made)}`,
  ],
  [
    "10042",
    (accountId: string) =>
      `R2 is not enabled in this account; enable it at https://dash.cloudflare.com/${accountId}/r2/overview and run it again.`,
  ],
]);

/** @throws {Advice} where wrangler failed, with the remedy, or with what wrangler said */
export function requireSuccess(
  what: string,
  { code, stdout, stderr }: WranglerResult,
  accountId: string,
  made: readonly MadeResource[],
): void {
  if (code === 0) return;
  const output = `${stdout}\n${stderr}`;
  const remedy = REMEDIES.get(/\[code: (\d+)\]/.exec(output)?.[1] ?? "");
  if (remedy !== undefined) throw new Advice(remedy(accountId, made));
  throw new Advice(`${what} failed. Correct what wrangler reports below and run it again, which goes on from here:\n${errorIn(output)}`);
}

const MAX_LINES = 20;

/** The errors in wrangler's output, or its last lines where it names none. */
function errorIn(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.includes("Logs were written to"));
  const first = lines.findIndex((line) => line.includes("[ERROR]"));
  return (first === -1 ? lines.slice(-MAX_LINES) : lines.slice(first, first + MAX_LINES)).map((line) => `  ${line}`).join("\n");
}
