import type { ReplayAnalyst } from "../../../src/backtest/analyst.ts";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import { Replay } from "../../../src/backtest/replay.ts";
import { byReceipt } from "../../../src/backtest/replayed-event.ts";
import type { ReplayedGrade, ReplayedSignal } from "../../../src/backtest/replayed-ledger.ts";
import type { Config } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Horizon } from "../../../src/grades/grade.ts";
import { signalId } from "../../../src/signals/signal-id.ts";
import type { SignalInput } from "../../../src/signals/signal-input.ts";
import { DAY_MS, MINUTE_MS, ceilTo, floorTo } from "../../../src/windows/calendar.ts";
import type { History } from "./simulate-history.ts";
import { simulatedModel } from "./simulated-model.ts";

/** Windows are ranked against a day at least, so the first day has no decision. */
const UNJUDGED_MS = DAY_MS;

export interface HistoricSignal {
  readonly signal: ReplayedSignal;
  /** What it was decided on. */
  readonly input: SignalInput;
  /** Those that were due by the history's end. */
  readonly grades: ReadonlyMap<Horizon, ReplayedGrade>;
}

/**
 * What the agent would have decided over the history, by the backtest, graded as live: a simulated language model, and the rule
 * model beside it.
 */
export async function replayHistory(
  history: History,
  gaps: readonly Gap[],
  config: Config,
  seed: number,
): Promise<readonly HistoricSignal[]> {
  const marks = new MarkBook();
  for (const mark of history.minuteMarks) marks.put(mark);
  const inputs = new Map<string, SignalInput>();
  const model = simulatedModel(seed);
  const analyst: ReplayAnalyst = (input) => {
    inputs.set(signalId(input), input);
    return model(input);
  };
  const known = new KnownGaps();
  known.add(gaps);
  const first = ceilTo(history.startTime, MINUTE_MS);
  const end = floorTo(history.endTime, MINUTE_MS);
  const judged = { start: first + UNJUDGED_MS, end };
  const replay = new Replay({ config, judged, gaps: known, marks, marksFromEvents: false, analyst, decides: "deepseek" });
  const events = history.liquidations.toSorted(byReceipt);
  let at = 0;
  for (let minute = first; minute < end; minute += MINUTE_MS) {
    let next = at;
    while ((events[next]?.received_time ?? Number.POSITIVE_INFINITY) < minute) next += 1;
    await replay.run(minute, events.slice(at, next));
    at = next;
  }
  const grades = Map.groupBy(replay.ledger.grades, ({ signal }) => signal.signal_id);
  return replay.ledger.signals.flatMap((signal) => {
    const input = inputs.get(signal.signal_id);
    const own = new Map((grades.get(signal.signal_id) ?? []).map((grade) => [grade.horizon, grade]));
    return input === undefined ? [] : [{ signal, input, grades: own }];
  });
}
