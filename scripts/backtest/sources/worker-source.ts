import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { utcDate } from "../../../src/batch-object.ts";
import { DATASET_KINDS, type DatasetKind } from "../../../src/daily/dataset-kind.ts";
import { messageOf } from "../../../src/message-of.ts";
import { DAY_MS, SECOND_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { type Entry, FileSource, type FilesWanted } from "./file-source.ts";
import { InputError } from "./source.ts";

export interface WorkerAddress {
  /** The Worker's address, without a path. */
  readonly url: string;
  /** An API key; null for a Worker whose datasets are free. */
  readonly key: string | null;
  /** The folder that downloads are kept in. */
  readonly cache: string;
}

const listed = z.object({ date: z.iso.date(), sha256: z.string().regex(/^[0-9a-f]{64}$/), path: z.string().startsWith("/v1/") });
const page = z.object({ data: z.array(listed), meta: z.object({ next_cursor: z.string().nullable() }) });
type Listed = z.output<typeof listed>;

/** A rate limit lasts at most a minute. */
const MAX_TRIES = 5;
const MAX_WAIT_MS = 60 * SECOND_MS;

/**
 * The datasets of a Worker. Those of the range are downloaded into the cache, unless it has them with the SHA-256 that their
 * manifests give; then they are read as a folder of files.
 * @throws {InputError} where the Worker does not respond, refuses the key, or sends a file that is not what its manifest says
 */
export async function openWorker(address: WorkerAddress, range: TimeRange, wanted: FilesWanted): Promise<FileSource> {
  const folder = join(address.cache, new URL(address.url).host.replaceAll(":", "_"));
  await mkdir(folder, { recursive: true });
  const entries: Entry[] = [];
  for (const kind of DATASET_KINDS) {
    for (const dataset of await datasetsIn(address, kind, range)) {
      const manifest = await ask(address, `/v1/datasets/${dataset.date}${kind === "liquidations" ? "" : `?kind=${kind}`}`);
      const file = await download(address, folder, dataset);
      const about = file.replace(/\.parquet$/, ".json");
      entries.push({ name: file, read: () => readFile(join(folder, file)) }, { name: about, read: () => Promise.resolve(manifest) });
    }
  }
  return FileSource.open(address.url, entries, wanted);
}

/** The datasets of the dates that a range touches; none of a kind that a Worker of an older version does not know. */
async function datasetsIn(address: WorkerAddress, kind: DatasetKind, { start, end }: TimeRange): Promise<readonly Listed[]> {
  const [first, last] = [utcDate(start), utcDate(floorTo(end - 1, DAY_MS))];
  const found: Listed[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const ofKind = kind === "liquidations" ? {} : { kind };
    const query = new URLSearchParams({ limit: "100", ...ofKind, ...(cursor === "" ? {} : { cursor }) });
    const answer = await ask(address, `/v1/datasets?${query}`, kind !== "liquidations");
    if (answer.length === 0) return [];
    const text = new TextDecoder().decode(answer);
    const { data, meta } = parsedPage(text, address.url);
    found.push(...data.filter(({ date }) => date >= first && date <= last));
    // Newest first: what follows is older still.
    cursor = (data.at(-1)?.date ?? "") < first ? null : meta.next_cursor;
  }
  return found.toSorted((a, b) => (a.date < b.date ? -1 : 1));
}

function parsedPage(text: string, url: string): z.output<typeof page> {
  try {
    return page.parse(JSON.parse(text));
  } catch (error) {
    throw new InputError(
      `${url}/v1/datasets does not respond as the API does; allowed: the Worker's address, such as https://liquidations.example.workers.dev`,
      { cause: error },
    );
  }
}

/** @returns the name of the file in the folder, which has the SHA-256 of the manifest */
async function download(address: WorkerAddress, folder: string, { sha256, path }: Listed): Promise<string> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const kept = await readFile(join(folder, name)).catch(() => null);
  if (kept !== null && digest(kept) === sha256) return name;
  const bytes = await ask(address, path);
  if (digest(bytes) !== sha256)
    throw new InputError(
      `${address.url}${path} has the SHA-256 ${digest(bytes)}, its manifest says ${sha256}: it may be about to be replaced; try again in a minute`,
    );
  // Under another name first: a run that is stopped leaves no half file under the right one.
  await writeFile(join(folder, `${name}.part`), bytes);
  await rename(join(folder, `${name}.part`), join(folder, name));
  return name;
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * @param mayBeUnknown whether a parameter that the Worker does not know gives no bytes instead of an error
 * @throws {InputError} in the words of the API where it refuses
 */
async function ask({ url, key }: WorkerAddress, path: string, mayBeUnknown = false): Promise<Uint8Array> {
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(url + path, { headers: key === null ? {} : { "X-API-Key": key } }).catch((error: unknown) => {
      throw new InputError(`${url} does not respond (${messageOf(error)}); allowed: the address of a running Worker`, { cause: error });
    });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    if (response.status === 400 && mayBeUnknown) return new Uint8Array();
    const wait = SECOND_MS * Number(response.headers.get("Retry-After") ?? "1");
    if (response.status !== 429 || tries >= MAX_TRIES || !(wait <= MAX_WAIT_MS))
      throw new InputError(await refusal(response, url + path, key));
    await response.body?.cancel();
    await sleep(wait);
  }
}

async function refusal(response: Response, address: string, key: string | null): Promise<string> {
  const text = await response.text();
  const detail = /"detail":"([^"]*)"/.exec(text)?.[1] ?? text.slice(0, 200);
  const advice =
    response.status === 401 || response.status === 403
      ? `; allowed: --key with the scope export${key === null ? "" : ", not this one"}`
      : "";
  return `${address} answered HTTP ${response.status}: ${detail}${advice}`;
}
