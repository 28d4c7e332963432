import { api, ask } from "../../api/client.ts";
import type { Failure } from "../../api/failure.ts";
import { type GradeRecord, checkGrades } from "../../../../src/grades/grade-ledger.ts";
import { type ChainCheck, type ChainHead, GENESIS } from "../../../../src/signals/hash-chain.ts";
import { type SignalRecord, checkLedger } from "../../../../src/signals/ledger.ts";

/** How far the verification is. `mismatch` names the first record that does not fit, with the field. */
export interface ChainProgress {
  readonly checked: number;
  readonly head: ChainHead;
  readonly mismatch: { readonly sequence: number; readonly field: string; readonly expected: string; readonly found: string } | null;
  readonly isDone: boolean;
}

export const NOT_BEGUN: ChainProgress = { checked: 0, head: GENESIS, mismatch: null, isDone: false };

/** An input takes about 20 kB. */
const DECISIONS_PER_PAGE = 100;
const GRADES_PER_PAGE = 1_000;

interface Page<Record> {
  readonly records: readonly Record[];
  readonly cursor: string | null;
}

/** Recomputes every hash of the decisions in this browser, from their published inputs. @returns a failure, or null */
export function verifyDecisions(report: (progress: ChainProgress) => void, stop: AbortSignal): Promise<Failure | null> {
  return verify(
    async (cursor) => {
      const query = { order: "asc", include: "statistics", limit: DECISIONS_PER_PAGE, ...(cursor === "" ? {} : { cursor }) } as const;
      const outcome = await ask(api.GET("/v1/signals", { params: { query }, signal: stop }));
      return outcome.kind === "failed"
        ? outcome.failure
        : { records: outcome.data as readonly unknown[] as readonly SignalRecord[], cursor: outcome.meta?.next_cursor ?? null };
    },
    checkLedger,
    report,
    stop,
  );
}

/** The same for the chain of grades. */
export function verifyGrades(report: (progress: ChainProgress) => void, stop: AbortSignal): Promise<Failure | null> {
  return verify(
    async (cursor) => {
      const query = { order: "asc", limit: GRADES_PER_PAGE, ...(cursor === "" ? {} : { cursor }) } as const;
      const outcome = await ask(api.GET("/v1/signals/grades", { params: { query }, signal: stop }));
      return outcome.kind === "failed"
        ? outcome.failure
        : { records: outcome.data as readonly unknown[] as readonly GradeRecord[], cursor: outcome.meta?.next_cursor ?? null };
    },
    checkGrades,
    report,
    stop,
  );
}

async function verify<
  Record,
  Mismatch extends { readonly sequence: number; readonly field: string; readonly expected: string; readonly found: string },
>(
  readPage: (cursor: string) => Promise<Page<Record> | Failure>,
  check: (records: readonly Record[], before: ChainHead) => Promise<ChainCheck<Mismatch>>,
  report: (progress: ChainProgress) => void,
  stop: AbortSignal,
): Promise<Failure | null> {
  let progress = NOT_BEGUN;
  for (let cursor: string | null = ""; cursor !== null && !stop.aborted;) {
    const page: Page<Record> | Failure = await readPage(cursor);
    if ("kind" in page) return page;
    const { head, mismatch } = await check(page.records, progress.head);
    const isDone = page.cursor === null || mismatch !== null;
    progress = { checked: progress.checked + head.sequence - progress.head.sequence, head, mismatch, isDone };
    report(progress);
    cursor = isDone ? null : page.cursor;
  }
  return null;
}
