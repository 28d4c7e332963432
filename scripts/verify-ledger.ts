import { parseArgs } from "node:util";
import { GENESIS, type LedgerHead, type LedgerMismatch, type SignalRecord, checkLedger } from "../src/signals/ledger.ts";
import { RECORDS_AFTER, type SignalRow, recordOf } from "../workers/signals/signal-row.ts";
import { openStorage } from "./local-worker.ts";
import { messageOf } from "../src/message-of.ts";
import { requireSecureAddress } from "../src/secure-address.ts";

const USAGE = `npm run verify-ledger -- (--url URL [--key KEY] | --state DIR)

Recomputes the ledger of signals on this machine: the hash of every record and its link to the previous one. Exit code 0
if every record matches, 1 with the first record that does not, 2 if the ledger could not be read.
  --url    URL of a running Worker, such as https://liquidations.example.workers.dev
  --key    API key, if the Worker requires one; it is sent by https, or to this machine
  --state  a local state folder, as used by npm start and npm run demo with --state`;

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

async function verify(pages: Pages): Promise<{ readonly head: LedgerHead; readonly mismatch: LedgerMismatch | null }> {
  let head = GENESIS;
  for await (const records of pages) {
    const check = await checkLedger(records, head);
    if (check.mismatch !== null) return check;
    head = check.head;
  }
  return { head, mismatch: null };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { url: { type: "string" }, key: { type: "string" }, state: { type: "string" }, help: { type: "boolean", default: false } },
  });
  if (values.help || (values.url === undefined) === (values.state === undefined)) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const { head, mismatch } = await verify(
    values.url === undefined ? pagesFromState(values.state ?? "") : pagesFromUrl(values.url, values.key),
  );
  if (mismatch === null) {
    console.log(`${head.sequence} records match. The last one has the hash ${head.hash}.`);
    return 0;
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
