import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";

const CACHE = resolve(import.meta.dirname, "../../node_modules/.cache");

/** An empty database in memory. Postgres takes seconds to set one up, so the first is kept on disk and the others copy it. */
export async function emptyDatabase(): Promise<PGlite> {
  const path = join(CACHE, `empty-database-${pgliteVersion()}.tar`);
  const dump = await readFile(path).catch(() => keepDump(path));
  return PGlite.create({ loadDataDir: new Blob([dump]) });
}

async function keepDump(path: string): Promise<Buffer<ArrayBuffer>> {
  const database = await PGlite.create();
  const dump = Buffer.from(await (await database.dumpDataDir("none")).arrayBuffer());
  await database.close();
  await mkdir(CACHE, { recursive: true });
  // Another process may be keeping its own, so the file appears under its name only when it is whole.
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, dump);
  await rename(partial, path);
  return dump;
}

function pgliteVersion(): string {
  const require = createRequire(import.meta.url);
  const manifest = require(resolve(require.resolve("@electric-sql/pglite"), "../../package.json")) as { readonly version: string };
  return manifest.version;
}
