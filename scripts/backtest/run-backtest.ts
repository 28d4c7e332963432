import { createHash } from "node:crypto";
import { recordedAnalyst, recordedDecider, rulesAnalystOf } from "../../src/backtest/analyst.ts";
import { equityOf } from "../../src/backtest/equity.ts";
import { equityPicture } from "../../src/backtest/equity-picture.ts";
import { KnownGaps } from "../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../src/backtest/mark-book.ts";
import { costsBySize } from "../../src/backtest/performance/cost-by-size.ts";
import { tradePerformance } from "../../src/backtest/performance/trade-performance.ts";
import { worthByDelay } from "../../src/backtest/performance/worth-by-delay.ts";
import { costTable, delayTable, gridLines, performanceLines, trialTable } from "../../src/backtest/performance-report.ts";
import { Replay } from "../../src/backtest/replay.ts";
import { type ReplayedDays, replayDays } from "../../src/backtest/replay-days.ts";
import { ReplayedMarket } from "../../src/backtest/replayed-market.ts";
import { scoreNotes, scoreTable, summaryLines } from "../../src/backtest/report.ts";
import { SideBySide } from "../../src/backtest/side-by-side.ts";
import { type Trade, tradesOf } from "../../src/backtest/trade.ts";
import { sampleDays, sampleLines, sampleTable } from "../../src/backtest/training-sample.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { HORIZON_NAMES } from "../../src/grades/grade.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { loadParquet } from "../parquet-module.ts";
import { table } from "../table.ts";
import { GridReplays } from "./grid-replays.ts";
import { openSource } from "./open-source.ts";
import type { MarksOption, Options } from "./options.ts";
import { readRecordedLedger } from "./read-ledger.ts";
import { readRules } from "./read-rules.ts";
import type { ServedRules } from "../../src/signals/rule-model-file.ts";
import { type Input, InputError, type Source } from "./sources/source.ts";

export interface BacktestResult {
  readonly lines: readonly string[];
  /** Everything in the lines, and more, as data. */
  readonly report: Readonly<Record<string, unknown>>;
  /** The trades of the strategy over all horizons. */
  readonly trades: readonly Trade[];
  readonly picture: string;
}

/** @throws {InputError} where nothing of the range is stored, or the data cannot be used */
export async function runBacktest(options: Options): Promise<BacktestResult> {
  loadParquet();
  const trained = options.rules === null ? null : await readRules(options.rules);
  const source = await openSource(options);
  try {
    return await backtestOf(options, trained, source);
  } finally {
    await source.close();
  }
}

async function backtestOf(options: Options, trained: ServedRules | null, source: Source): Promise<BacktestResult> {
  const { judged, config, ledger, marks: marksOption, strategy, horizon, seed } = options;
  const recorded = ledger === null ? null : readRecordedLedger(ledger);
  const gaps = new KnownGaps();
  const analyst = recorded === null ? rulesAnalystOf(trained) : recordedAnalyst(recorded);
  const decides = recorded === null ? "rules" : recordedDecider(recorded);
  const settings = {
    config,
    rules: trained,
    judged,
    gaps,
    marks: new MarkBook(),
    marksFromEvents: marksOption.kind === "events",
    analyst,
    decides,
  } as const;
  const shared = { ...settings, market: new ReplayedMarket(settings) };
  const replay = new Replay(shared);
  const grid = new GridReplays(options, shared);
  const days = await replayDays(new SideBySide(shared.market, [replay, ...grid.replays]), judged, source, gaps, publishingVenues(config));
  requireData(options, source, replay, days);

  const trades = HORIZON_NAMES.flatMap((name) => tradesOf(replay.ledger.grades, strategy, name, gaps));
  const own = trades.filter((trade) => trade.horizon === horizon);
  const performance = tradePerformance(own, judged, horizon, seed);
  const [costs, worth, gridFigures] = [costsBySize(own), worthByDelay(own), grid.performance(gaps)];
  const rulesName = trained?.version ?? "rules";
  const analystName = recorded === null ? rulesName : `recorded (${ledger})`;
  const samples = trained === null ? null : sampleDays(own, judged, trained.model);
  const summary = summaryLines({
    config,
    judged,
    analyst: analystName,
    marks: marksText(marksOption, days.marks),
    replay,
    days,
    gaps: gaps.overlapping(judged, judged.end),
  });
  const ids = new Set(replay.ledger.signals.map(({ signal_id: id }) => id));
  const unused = recorded?.filter(({ signal_id: id, minute }) => minute >= judged.start && minute < judged.end && !ids.has(id)) ?? [];
  const scores = scoreTable(replay.ledger, gaps);
  const inputs = source.inputs();
  const digest = digestOf(inputs);
  const name = `${strategy} over ${horizon}`;
  const [costRows, delayRows] = [costTable(costs), delayTable(worth)];
  const notes = [
    ...(unused.length === 0 ? [] : [`Recorded decisions in the range without a spike in the replay: ${unused.length}`]),
    ...source.notes(),
  ];
  const lines = [
    ...summary,
    ...notes,
    "",
    table(scores.header, scores.rows),
    "",
    ...scoreNotes(replay.ledger, gaps),
    "",
    ...performanceLines(name, performance),
    "",
    ...(trained === null || samples === null
      ? []
      : [...sampleLines(trained.version, own, trained.model), table(sampleTable(samples).header, sampleTable(samples).rows), ""]),
    `What ${name} costs and is worth by the size of a trade, means over the trades that count (returns before cost alone where no trade has a known cost):`,
    table(costRows.header, costRows.rows),
    "",
    `What ${name} is still worth where the entry comes later after the decision, with the same exit (within a minute the price is interpolated):`,
    table(delayRows.header, delayRows.rows),
    "",
    ...(gridFigures === null ? [] : [...gridLines(gridFigures), table(trialTable(gridFigures).header, trialTable(gridFigures).rows), ""]),
    `Inputs: ${inputs.length} files or queries, SHA-256 over their names and hashes ${digest}; seed ${seed}`,
  ];
  const missing = days.missing.map((start) => ({ start, end: start + DAY_MS }));
  const report = {
    judged,
    rule: options.rule,
    analyst: analystName,
    strategy,
    horizon,
    seed,
    marks: marksOption.kind,
    inputs,
    inputs_sha256: digest,
    notes,
    counts: replay.counts,
    days,
    gaps: gaps.overlapping(judged, judged.end),
    summary,
    scoreboard: scores,
    score_notes: scoreNotes(replay.ledger, gaps),
    performance,
    rule_model:
      trained === null
        ? null
        : {
            version: trained.version,
            hash: trained.model.hash,
            trained_from: trained.model.trained_from,
            trained_to: trained.model.trained_to,
            days: samples,
          },
    costs,
    worth_by_delay: worth,
    grid: gridFigures,
  };
  const picture = equityPicture({
    title: `Backtest of ${config.LIQUIDATION_SYMBOLS === "*" ? "all symbols" : [...config.LIQUIDATION_SYMBOLS].join(", ")}: ${name}`,
    subtitle: `${performance.closed} closed trades in ${performance.traded_episodes} of ${performance.episodes} episodes, after fees, spread and impact of 10,000 USD`,
    points: equityOf(own, judged, horizon),
    missing,
  });
  return { lines, report, trades, picture };
}

function requireData({ judged, config, marks }: Options, { name }: Source, replay: Replay, days: ReplayedDays): void {
  const [from, to] = [new Date(judged.start).toISOString(), new Date(judged.end).toISOString()];
  if (replay.counts.in_range === 0) {
    const symbols = config.LIQUIDATION_SYMBOLS === "*" ? "any symbol" : [...config.LIQUIDATION_SYMBOLS].join(", ");
    throw new InputError(`${name} has no liquidation of ${symbols} from ${from} to ${to}.`);
  }
  if (marks.kind !== "events" && days.marks === 0)
    throw new InputError(
      `${marks.kind === "file" ? marks.path : name} has no minute marks from ${from} to ${to}; allowed: data with minute marks, --marks FILE, or --marks events for the mark prices that liquidations carried`,
    );
}

function marksText(marks: MarksOption, count: number): string {
  if (marks.kind === "events")
    return "FALLBACK (--marks events): the mark prices that liquidations carried, so only minutes with a liquidation have one";
  const read = `${count.toLocaleString("en-US")} minute marks read`;
  return marks.kind === "file" ? `${read} from ${marks.path}` : `${read} from the data`;
}

/** One hash over the names and hashes of everything that was read: the same only for the same data. */
function digestOf(inputs: readonly Input[]): string {
  const lines = inputs.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}
