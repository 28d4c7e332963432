import { spawn } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");

/**
 * Runs lanes of commands side by side. The commands of a lane follow one another, and those after one that fails are left
 * out. What a command prints stands together, after its name, once it has ended.
 * @param print given each command's name and output
 * @returns the commands that failed
 */
export async function runLanes(lanes: readonly (readonly string[])[], print: (text: string) => void): Promise<readonly string[]> {
  const failed = await Promise.all(lanes.map((lane) => runLane(lane, print)));
  return failed.filter((command) => command !== null);
}

async function runLane(lane: readonly string[], print: (text: string) => void): Promise<string | null> {
  for (const command of lane) {
    const { code, output } = await run(command);
    print(`> ${command}\n${output}`);
    if (code !== 0) return command;
  }
  return null;
}

/** In the project's folder and by a shell, as npm runs its scripts. */
function run(command: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(command, { cwd: ROOT, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (output += part.toString()));
  return new Promise((done, fail) => child.on("error", fail).on("close", (code) => done({ code, output })));
}
