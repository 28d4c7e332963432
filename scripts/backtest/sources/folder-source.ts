import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { type Entry, FileSource, type FilesWanted } from "./file-source.ts";
import { InputError } from "./source.ts";

/** Where tools keep what is not data. */
const SKIPPED = /(?:^|\/)(?:\.[^/]|node_modules\/)/;
/** What a local run's state has in it. */
const STATE = /(?:^|\/)v3\/(?:r2|d1|do)\//;

/**
 * A folder with exports, daily files, batches, minute marks and their manifests, in any folders below it, or a single file.
 * @throws {InputError} where it has none, or is the state of a local run
 */
export async function openFolder(path: string, wanted: FilesWanted): Promise<FileSource> {
  const isFile = (await stat(path)).isFile();
  const [base, names] = isFile ? [dirname(path), [basename(path)]] : [path, await filesBelow(path)];
  if (names.some((name) => STATE.test(name))) throw new InputError(`${path} is the state of a local run; allowed: --state ${path}`);
  const entries = names.map((name): Entry => ({ name, read: () => readFile(join(base, name)) }));
  return FileSource.open(path, entries, wanted);
}

/** The files below a folder, relative and with slashes. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((name) => !SKIPPED.test(name));
}
