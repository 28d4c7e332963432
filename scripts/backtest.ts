import { recordedAnalyst, rulesAnalyst } from "../src/backtest/analyst.ts";
import { KnownGaps } from "../src/backtest/known-gaps.ts";
import { MarkBook } from "../src/backtest/mark-book.ts";
import { publishingVenues } from "../src/exchanges/coverage.ts";
import { Replay } from "../src/backtest/replay.ts";
import { replayDays } from "../src/backtest/replay-days.ts";
import { scoreNotes, scoreTable, summaryLines } from "../src/backtest/report.ts";
import { type Options, USAGE, UsageError, readOptions } from "./backtest/options.ts";
import { readMarks, readRecordedLedger } from "./backtest/read-lines.ts";
import { storedDays } from "./backtest/stored-days.ts";
import { loadParquet } from "./parquet-module.ts";
import { table } from "./table.ts";
import { messageOf } from "../src/message-of.ts";

/** @returns the lines of the report; null where nothing of the range is stored */
export async function backtest({ judged, data, config, ledger, marks: marksFile }: Options): Promise<readonly string[] | null> {
  loadParquet();
  const { LIQUIDATION_SYMBOLS: symbols } = config;
  const marks = new MarkBook();
  if (marksFile !== null) for (const mark of readMarks(marksFile)) marks.put(mark);
  const recorded = ledger === null ? null : readRecordedLedger(ledger);
  const gaps = new KnownGaps();
  const analyst = recorded === null ? rulesAnalyst : recordedAnalyst(recorded);
  const replay = new Replay({ config, judged, gaps, marks, marksFromEvents: marksFile === null, analyst });
  const readDay = storedDays(data, (symbol) => symbols === "*" || symbols.has(symbol));
  const days = await replayDays(replay, judged, readDay, gaps, publishingVenues(config));
  if (replay.counts.in_range === 0) return null;
  const summary = summaryLines({
    config,
    judged,
    analyst: recorded === null ? "rules" : `recorded (${ledger})`,
    marks: marksFile ?? "from the liquidations, so only minutes with a liquidation have one",
    replay,
    days,
    gaps: gaps.overlapping(judged, judged.end),
  });
  const ids = new Set(replay.ledger.signals.map(({ signal_id: id }) => id));
  const unused = recorded?.filter(({ signal_id: id, minute }) => minute >= judged.start && minute < judged.end && !ids.has(id)) ?? [];
  const { header, rows } = scoreTable(replay.ledger);
  return [
    ...summary,
    ...(unused.length === 0 ? [] : [`Recorded decisions in the range without a spike in the replay: ${unused.length}`]),
    "",
    table(header, rows),
    "",
    ...scoreNotes(replay.ledger),
  ];
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    console.log(USAGE);
    return 0;
  }
  const lines = await backtest(options);
  if (lines === null) {
    const { start, end } = options.judged;
    const symbols = options.config.LIQUIDATION_SYMBOLS === "*" ? "any symbol" : [...options.config.LIQUIDATION_SYMBOLS].join(", ");
    console.error(
      `${options.data} has no liquidation of ${symbols} from ${new Date(start).toISOString()} to ${new Date(end).toISOString()}.`,
    );
    return 1;
  }
  for (const line of lines) console.log(line);
  return 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
