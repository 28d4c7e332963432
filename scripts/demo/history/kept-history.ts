import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import type { HistoryRequest, MadeHistory } from "./make-history.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const FOLDER = join(ROOT, ".wrangler", "demo-history");
/** What a history is made by. Another content makes another history. */
const MADE_BY = [
  "src",
  "workers",
  "migrations",
  "scripts/demo/demo-venues.ts",
  "scripts/demo/history",
  "scripts/simulator",
  "scripts/market-simulation",
  "package-lock.json",
];
/** Where the local runtime keeps D1 and R2 within a state. */
const STORES = "v3";
/** The time from the end of an older one until now would be a long gap. */
const MAX_AGE_MS = 3 * HOUR_MS;

/**
 * Puts the history that an earlier demo has made with the same options and code into an empty state.
 * @returns null where there is none, or it ended too long ago
 */
export async function restoreHistory(stateDir: string, request: HistoryRequest, now: number): Promise<MadeHistory | null> {
  const folder = join(FOLDER, await keyOf(request));
  if (!existsSync(join(folder, "made.json")) || existsSync(join(stateDir, STORES))) return null;
  const made = JSON.parse(await readFile(join(folder, "made.json"), "utf8")) as MadeHistory;
  if (now - made.endTime > MAX_AGE_MS) return null;
  await cp(join(folder, STORES), join(stateDir, STORES), { recursive: true });
  return made;
}

/** Keeps a copy of the history that a state holds, in the place of all that were kept before. Nothing may have the state open. */
export async function keepHistory(stateDir: string, request: HistoryRequest, made: MadeHistory): Promise<void> {
  const folder = join(FOLDER, await keyOf(request));
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  await cp(join(stateDir, STORES), join(partial, STORES), { recursive: true });
  await writeFile(join(partial, "made.json"), JSON.stringify(made));
  for (const name of await readdir(FOLDER)) {
    // Another demo may be writing its own.
    if (!name.includes(".")) await rm(join(FOLDER, name), { recursive: true, force: true });
  }
  await rename(partial, folder);
}

async function keyOf(request: HistoryRequest): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(request));
  for (const name of MADE_BY) {
    for (const path of await filesOf(join(ROOT, name))) hash.update(path.slice(ROOT.length)).update(await readFile(path));
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (/\.\w+$/.test(path)) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
