import type { GradeRecord } from "../../src/grades/grade-ledger.ts";
import type { LedgerPages } from "../../src/scoreboard/verify-ledger.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { requireSecureAddress } from "../../src/secure-address.ts";
import { GRADES_AFTER } from "../../workers/signals/grade-columns.ts";
import { RECORDS_AFTER, type SignalRow, recordOf } from "../../workers/signals/signal-row.ts";

/** One input takes about 20 kB. */
const RECORDS_PER_PAGE = 100;
const GRADES_PER_PAGE = 1_000;

/** A chain in its order, page by page. */
type Pages<Record> = AsyncIterable<readonly Record[]>;

interface PageAnswer<Record> {
  readonly data: readonly Record[];
  readonly meta: { readonly next_cursor: string | null };
}

/** The ledger of a running Worker. */
export function ledgerOfWorker(base: string, key: string | undefined): LedgerPages {
  if (key !== undefined) requireSecureAddress("--url", base, "--key");
  const pages = <Record>(path: string, query: Readonly<globalThis.Record<string, string>>) =>
    pagesFromUrl<Record>(`${base.replace(/\/+$/, "")}${path}`, { order: "asc", ...query }, key);
  return {
    decisions: pages("/v1/signals", { include: "statistics", limit: String(RECORDS_PER_PAGE) }),
    grades: pages("/v1/signals/grades", { limit: String(GRADES_PER_PAGE) }),
  };
}

async function* pagesFromUrl<Record>(
  url: string,
  query: Readonly<globalThis.Record<string, string>>,
  key: string | undefined,
): Pages<Record> {
  let cursor: string | null = "";
  while (cursor !== null) {
    const parameters = new URLSearchParams({ ...query, ...(cursor === "" ? {} : { cursor }) });
    const response = await fetch(`${url}?${parameters}`, { headers: key === undefined ? {} : { Authorization: `Bearer ${key}` } });
    if (!response.ok) throw new Error(`${response.url} returned HTTP ${response.status}: ${(await response.text()).slice(0, 300)}`);
    const { data, meta } = (await response.json()) as PageAnswer<Record>;
    yield data;
    cursor = meta.next_cursor;
  }
}

/** The ledger in a local state folder. */
export function ledgerOfState(stateDir: string): LedgerPages {
  return {
    decisions: pagesFromState<SignalRow, SignalRecord>(stateDir, RECORDS_AFTER, RECORDS_PER_PAGE, recordOf),
    grades: pagesFromState<GradeRecord, GradeRecord>(stateDir, GRADES_AFTER, GRADES_PER_PAGE, (grade) => grade),
  };
}

async function* pagesFromState<Row, Record extends { readonly sequence: number }>(
  stateDir: string,
  sql: string,
  limit: number,
  recordOfRow: (row: Row) => Record,
): Pages<Record> {
  // The local runtime takes longer to load than a ledger to verify, and an address needs none.
  const { openStorage } = await import("../local-worker.ts");
  const storage = await openStorage(stateDir);
  try {
    for (let last = 0; ;) {
      const { results } = await storage.env.DB.prepare(sql).bind(last, limit).all<Row>();
      const records = results.map(recordOfRow);
      yield records;
      const end = records.at(-1);
      if (end === undefined) return;
      last = end.sequence;
    }
  } finally {
    await storage.dispose();
  }
}
