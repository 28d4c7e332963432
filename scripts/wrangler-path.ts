import { createRequire } from "node:module";
import { resolve } from "node:path";

/** The wrangler command, for this Node: the package exports only its library. */
export const WRANGLER = resolve(createRequire(import.meta.url).resolve("wrangler"), "../../bin/wrangler.js");
