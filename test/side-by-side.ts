import { resolve } from "node:path";

/**
 * Test files that run at a time, in every project, so that one project's begin when another's end. More than the two
 * cores of CI, since many wait for sockets, timers and processes.
 */
export const MAX_WORKERS = 3;

/** Scripts that tests start share what Node has compiled of their modules. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: resolve(import.meta.dirname, "../node_modules/.cache/node") };
