import type { D1Database } from "@cloudflare/workers-types";
import { type GradeRow, HORIZON_NAMES, dueTime, givenGrade } from "../../../src/grades/grade.ts";
import { sealGrade } from "../../../src/grades/grade-ledger.ts";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { flushSide } from "../../../src/signals/open-flush.ts";
import { GRADE_COLUMNS } from "../../../workers/signals/grade-columns.ts";
import { SIGNAL_COLUMNS, columnValue } from "../../../workers/signals/signal-row.ts";
import { HISTORY_COLUMNS, historyRow } from "../../../workers/signals/history-row.ts";
import type { SignalRecord } from "../../../src/signals/ledger.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { DAY_MS, floorTo } from "../../../src/windows/calendar.ts";
import { insertRows } from "./insert-rows.ts";
import type { HistoricSignal } from "./replay-history.ts";
import type { History } from "./simulate-history.ts";

const PENDING = Object.fromEntries(GRADE_COLUMNS.map((name) => [name, null])) as unknown as GradeRow;
const ANCHOR_COLUMNS = ["date", "sequence", "hash", "grades_sequence", "grades_hash", "anchored_time", "published_time"] as const;
const SPIKE_COLUMNS = ["signal_id", "minute", "symbol", "window", "severity_usd", "taken_time", "closed_time", "kind", "side"] as const;

/** Writes decisions of the past, their grades and the anchors of each day into an empty ledger; grades to come are left to the cron run. */
export async function storeSignals(
  db: D1Database,
  signals: readonly HistoricSignal[],
  range: Pick<History, "startTime" | "endTime">,
): Promise<void> {
  await insertRows(
    db,
    "signals",
    SIGNAL_COLUMNS,
    signals.map(({ signal, input }) => signalRow({ ...signal, statistics: input })),
  );
  await insertRows(
    db,
    "spike_history",
    HISTORY_COLUMNS,
    signals.map(({ signal, input }) => historyRow({ ...signal, statistics: input })),
  );
  const grades = (await gradeRows(signals)).map((row) => ({ ...row, published_time: row.graded_time }));
  await insertRows(db, "ledger_anchors", ANCHOR_COLUMNS, anchorRows(signals, grades, range));
  await insertRows(db, "signal_grades", [...GRADE_COLUMNS, "published_time"], grades);
  await insertRows(
    db,
    "spikes",
    SPIKE_COLUMNS,
    signals.map(({ signal: { created_time: time, ...signal }, input }) => {
      return {
        ...signal,
        severity_usd: input.trigger.severity_usd,
        taken_time: time,
        closed_time: time,
        kind: input.trigger.kind,
        side: flushSide(input),
      };
    }),
  );
}

/** The heads of both chains at the end of each UTC day within a history, as anchored then. */
function anchorRows(
  signals: readonly HistoricSignal[],
  grades: readonly GradeRow[],
  { startTime, endTime }: Pick<History, "startTime" | "endTime">,
) {
  const rows: Record<(typeof ANCHOR_COLUMNS)[number], string | number>[] = [];
  for (let end = floorTo(startTime, DAY_MS) + DAY_MS; end <= endTime; end += DAY_MS) {
    const decision = signals.findLast(({ signal }) => signal.created_time < end)?.signal ?? GENESIS;
    const grade = grades.findLast(({ sequence, graded_time: time }) => sequence !== null && (time ?? end) < end);
    rows.push({
      date: utcDate(end - DAY_MS),
      sequence: decision.sequence,
      hash: decision.hash,
      grades_sequence: grade?.sequence ?? GENESIS.sequence,
      grades_hash: grade?.hash ?? GENESIS.hash,
      anchored_time: end,
      published_time: end,
    });
  }
  return rows;
}

function signalRow(record: SignalRecord): Record<(typeof SIGNAL_COLUMNS)[number], string | number | null> {
  return Object.fromEntries(SIGNAL_COLUMNS.map((name) => [name, columnValue(record, name)])) as ReturnType<typeof signalRow>;
}

/** One a horizon, chained in the order in which they were due; one that was not due yet has its due time alone. */
async function gradeRows(signals: readonly HistoricSignal[]): Promise<readonly GradeRow[]> {
  const all = signals.flatMap(({ signal, grades }) => {
    return HORIZON_NAMES.map((horizon) => ({ signal, horizon, due_time: dueTime(signal, horizon), outcome: grades.get(horizon) }));
  });
  let head = GENESIS;
  const rows: GradeRow[] = [];
  for (const { signal, horizon, due_time, outcome } of all.toSorted((a, b) => a.due_time - b.due_time)) {
    const { signal_id, hash: signal_hash } = signal;
    if (outcome === undefined) {
      rows.push({ ...PENDING, signal_id, horizon, due_time });
      continue;
    }
    const given = givenGrade(outcome.path ?? outcome.problem ?? "no_entry_mark", outcome.grade, due_time);
    const sealed = await sealGrade({ signal_id, horizon, due_time, signal_hash, ...given }, head);
    head = { sequence: sealed.sequence, hash: sealed.hash };
    rows.push(sealed);
  }
  return rows;
}
