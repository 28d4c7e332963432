import { createRequire } from "node:module";
import { resolve } from "node:path";

/** wrangler's command, to be run by this Node: the package exports its library only. */
export const WRANGLER = resolve(createRequire(import.meta.url).resolve("wrangler"), "../../bin/wrangler.js");
