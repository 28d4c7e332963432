import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

/** A project that holds the launcher and one command, and whatever a test puts beside them. */
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "launcher-"));
  mkdirSync(join(project, "scripts"));
  copyFileSync(resolve(import.meta.dirname, "../../scripts/run.cjs"), join(project, "scripts/run.cjs"));
  writeFileSync(
    join(project, "scripts/normalize.ts"),
    "console.log(process.argv.slice(2).join(' ')); process.exit(Number(process.argv[2]));",
  );
});

afterAll(() => rmSync(project, { recursive: true }));

/** Runs the launcher under a Node that says it is of this version. */
function launch(version: string, args: readonly string[]) {
  const claim = join(project, "claim.cjs");
  writeFileSync(claim, `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`);
  const run = spawnSync(process.execPath, ["--require", claim, join(project, "scripts/run.cjs"), ...args], { encoding: "utf8" });
  return { code: run.status, output: run.stdout + run.stderr };
}

const TOO_OLD = {
  code: 1,
  output: "This needs Node 20 or newer, and this is Node 18.20.8; install a newer one from https://nodejs.org.\n",
};

test("starts a command with its arguments and ends with its exit code", () => {
  expect(launch("24.21.0", ["normalize.ts", "3", "--exchange", "okx"])).toEqual({ code: 3, output: "3 --exchange okx\n" });
});

test("an older Node ends with one sentence, at a command and before the tests", () => {
  expect(launch("18.20.8", ["normalize.ts"])).toEqual(TOO_OLD);
  expect(launch("18.20.8", [])).toEqual(TOO_OLD);
});

test("before the dependencies are there it says how to get them", () => {
  expect(launch("20.20.2", ["normalize.ts"])).toEqual({ code: 1, output: 'The dependencies are missing; run "npm install".\n' });
});

test("where npm ran no install scripts it says how to run them", () => {
  mkdirSync(join(project, "node_modules/node"), { recursive: true });
  const { code, output } = launch("20.20.2", ["normalize.ts"]);
  expect({ code, output }).toEqual({
    code: 1,
    output:
      'Node 24, which comes with the dependencies, is missing because npm ran no install scripts; run "npm rebuild --ignore-scripts=false".\n',
  });
});

test("passes a signal on to the command, and the command's exit code back", async () => {
  const waiting = join(project, "scripts/simulate.ts");
  writeFileSync(waiting, "process.on('SIGINT', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready');");
  const child = spawn(process.execPath, [join(project, "scripts/run.cjs"), "simulate.ts"], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([7, null]);
});

test("a folder that cannot be written to is named, where the command has to write", () => {
  // A file in the place of the folder: what the superuser runs is refused nothing else.
  writeFileSync(join(project, ".wrangler"), "");
  const { code, output } = launch("24.21.0", []);
  expect(code).toBe(1);
  expect(output).toMatch(/^Nothing can be written into .*launcher-.* \(ENOTDIR\); copy the project .*\.\n$/);
  expect(launch("24.21.0", ["normalize.ts", "0"]).code).toBe(0);
});
