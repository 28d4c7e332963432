import { accessSync, constants, statfsSync } from "node:fs";
import { resolve } from "node:path";

/**
 * Test files that run at a time, in every project, so that one project's begin when another's end. More than the two
 * cores of CI, since many wait for sockets, timers and processes.
 */
export const MAX_WORKERS = 4;

/**
 * How long a test polls for what comes about by itself. Vitest's second is too short for a page that a busy machine draws, or
 * that waits for the next minute's allowance of requests.
 */
export const POLLS = { poll: { timeout: 75_000, interval: 100 } } as const;

/** Scripts that tests start share what Node has compiled of their modules. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: resolve(import.meta.dirname, "../node_modules/.cache/node") };

/** Tests take up to about 2 GB at a time. */
const MIN_MEMORY_BYTES = 6e9;

/**
 * Storage of tests is in memory where the system offers that, since SQLite waits for the disk at every commit. A process that is
 * killed loses nothing there either.
 */
function storeInMemory(folder = "/dev/shm"): void {
  if (process.env.TMPDIR !== undefined) return;
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize >= MIN_MEMORY_BYTES) process.env.TMPDIR = folder;
  } catch {
    // Such a system has none, and keeps to its usual folder.
  }
}

storeInMemory();
