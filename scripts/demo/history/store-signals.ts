import type { D1Database } from "@cloudflare/workers-types";
import { canonicalJson } from "../../../src/signals/canonical-json.ts";
import { GIVEN_COLUMNS, HORIZON_NAMES, dueTime } from "../../../src/signals/grade.ts";
import { SIGNAL_COLUMNS } from "../../../workers/signals/signal-row.ts";
import { insertRows } from "./insert-rows.ts";
import type { HistoricSignal } from "./replay-history.ts";

const GRADE_COLUMNS = ["signal_id", "horizon", "due_time", ...GIVEN_COLUMNS] as const;
const SPIKE_COLUMNS = ["signal_id", "minute", "symbol", "window", "severity_usd", "taken_time", "closed_time"] as const;

/** Writes decisions of the past and their grades into an empty ledger; grades to come are left to the cron run. */
export async function storeSignals(db: D1Database, signals: readonly HistoricSignal[]): Promise<void> {
  await insertRows(
    db,
    "signals",
    SIGNAL_COLUMNS,
    signals.map(({ signal, input }) => ({ ...signal, paper: Number(signal.paper), statistics: canonicalJson(input) })),
  );
  await insertRows(db, "signal_grades", GRADE_COLUMNS, signals.flatMap(gradeRows));
  await insertRows(
    db,
    "spikes",
    SPIKE_COLUMNS,
    signals.map(({ signal: { created_time: time, ...signal }, input }) => {
      return { ...signal, severity_usd: input.trigger.severity_usd, taken_time: time, closed_time: time };
    }),
  );
}

/** One a horizon; one that was not due yet has its due time alone. */
function gradeRows({ signal, grades }: HistoricSignal) {
  return HORIZON_NAMES.map((horizon) => {
    const given = grades.get(horizon);
    const due = dueTime(signal.created_time, horizon);
    const { path = null, grade = null, problem = null } = given ?? {};
    return {
      signal_id: signal.signal_id,
      horizon,
      due_time: due,
      graded_time: given === undefined ? null : due,
      problem,
      entry_time: path?.entryTime ?? null,
      entry_price: path?.entry ?? null,
      exit_time: path?.exitTime ?? null,
      exit_price: path?.exit ?? null,
      forward_return_bps: grade?.forward_return_bps ?? null,
      best_excursion_bps: grade?.best_excursion_bps ?? null,
      worst_excursion_bps: grade?.worst_excursion_bps ?? null,
      net_return_bps: grade?.net_return_bps ?? null,
      random_net_return_bps: grade?.random_net_return_bps ?? null,
      fade_net_return_bps: grade?.fade_net_return_bps ?? null,
      follow_net_return_bps: grade?.follow_net_return_bps ?? null,
    };
  });
}
