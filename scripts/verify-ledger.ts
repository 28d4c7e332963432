import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type AnchorMismatch, anchorIn, anchorOf, missingAnchors } from "../src/signals/ledger-anchor.ts";
import { GENESIS, type LedgerHead, type LedgerMismatch, type SignalRecord, checkLedger } from "../src/signals/ledger.ts";
import { RECORDS_AFTER, type SignalRow, recordOf } from "../workers/signals/signal-row.ts";
import { messageOf } from "../src/message-of.ts";
import { requireSecureAddress } from "../src/secure-address.ts";

const USAGE = `npm run verify-ledger -- (--url URL [--key KEY] | --state DIR) [--anchor SEQUENCE:HASH]... [--anchors FILE]...

Recomputes the ledger of signals on this machine: the hash of every record and its link to the previous one. With anchors
that you kept, it also checks that the ledger still contains them: one that was cut or recomputed does not. Exit code 0
if everything matches, 1 with what does not, 2 if the ledger or an anchor could not be read.
  --url      URL of a running Worker, such as https://liquidations.example.workers.dev
  --key      API key, if the Worker requires one; it is sent by https, or to this machine
  --state    a local state folder, as used by npm start and npm run demo with --state
  --anchor   sequence number and hash of a record, such as 17:5f2b...; may be repeated
  --anchors  a file with an anchor: a day's manifest (/v1/datasets/DATE) or a delivery of ledger.anchored; may be repeated`;

const PAGE = 100;

/** The ledger in order, page by page. */
type Pages = AsyncIterable<readonly SignalRecord[]>;

interface SignalsAnswer {
  readonly data: readonly SignalRecord[];
  readonly meta: { readonly next_cursor: string | null };
}

async function* pagesFromUrl(base: string, key: string | undefined): Pages {
  if (key !== undefined) requireSecureAddress("--url", base, "--key");
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = new URLSearchParams({ order: "asc", include: "statistics", limit: String(PAGE), ...(cursor === "" ? {} : { cursor }) });
    const response = await fetch(`${base.replace(/\/+$/, "")}/v1/signals?${query}`, {
      headers: key === undefined ? {} : { Authorization: `Bearer ${key}` },
    });
    if (!response.ok) throw new Error(`${response.url} returned HTTP ${response.status}: ${(await response.text()).slice(0, 300)}`);
    const { data, meta } = (await response.json()) as SignalsAnswer;
    yield data;
    cursor = meta.next_cursor;
  }
}

async function* pagesFromState(stateDir: string): Pages {
  // The local runtime takes longer to load than a ledger to verify, and an address needs none.
  const { openStorage } = await import("./local-worker.ts");
  const storage = await openStorage(stateDir);
  try {
    for (let last = 0; ;) {
      const { results } = await storage.env.DB.prepare(RECORDS_AFTER).bind(last, PAGE).all<SignalRow>();
      yield results.map(recordOf);
      const end = results.at(-1);
      if (end === undefined) return;
      last = end.sequence;
    }
  } finally {
    await storage.dispose();
  }
}

interface Verified {
  readonly head: LedgerHead;
  readonly mismatch: LedgerMismatch | null;
  readonly missing: readonly AnchorMismatch[];
}

async function verify(pages: Pages, anchors: readonly LedgerHead[]): Promise<Verified> {
  let head = GENESIS;
  const anchored = new Set(anchors.map(({ sequence }) => sequence));
  const hashes = new Map([[GENESIS.sequence, GENESIS.hash]]);
  for await (const records of pages) {
    const check = await checkLedger(records, head);
    if (check.mismatch !== null) return { ...check, missing: [] };
    head = check.head;
    for (const { sequence, hash } of records) if (anchored.has(sequence)) hashes.set(sequence, hash);
  }
  return { head, mismatch: null, missing: missingAnchors(anchors, hashes) };
}

async function readAnchors(texts: readonly string[], files: readonly string[]): Promise<readonly LedgerHead[]> {
  const given = texts.map((text) => {
    const anchor = anchorOf(text);
    if (anchor === null) throw new Error(`--anchor is "${text}"; allowed: a sequence number, a colon and 64 hexadecimal digits`);
    return anchor;
  });
  const read = files.map(async (file) => {
    const anchor = anchorIn(JSON.parse(await readFile(file, "utf8")));
    if (anchor === null) throw new Error(`${file} holds no anchor; allowed: a day's manifest or a delivery of ledger.anchored`);
    return anchor;
  });
  return [...given, ...(await Promise.all(read))];
}

function describe({ anchor, found }: AnchorMismatch, head: LedgerHead): string {
  const kept = `an anchor names record ${anchor.sequence} with the hash ${anchor.hash}`;
  if (found === null) return `The ledger was cut: it ends at record ${head.sequence}, but ${kept}.`;
  return `The ledger was recomputed: record ${anchor.sequence} has the hash ${found}, but ${kept}.`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      key: { type: "string" },
      state: { type: "string" },
      anchor: { type: "string", multiple: true, default: [] },
      anchors: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || (values.url === undefined) === (values.state === undefined)) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const anchors = await readAnchors(values.anchor, values.anchors);
  const pages = values.url === undefined ? pagesFromState(values.state ?? "") : pagesFromUrl(values.url, values.key);
  const { head, mismatch, missing } = await verify(pages, anchors);
  if (mismatch === null) {
    console.log(`${head.sequence} records match. The last one has the hash ${head.hash}.`);
    if (anchors.length > 0) console.log(`${anchors.length - missing.length} of ${anchors.length} anchors are in the ledger.`);
    for (const one of missing) console.log(describe(one, head));
    return missing.length === 0 ? 0 : 1;
  }
  const { sequence, signal_id, field, expected, found } = mismatch;
  console.log(`Record ${sequence} (${signal_id}) does not match: ${field} is ${found}, but should be ${expected}.`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}
