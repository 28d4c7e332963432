import { KnownGaps } from "../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../src/backtest/mark-book.ts";
import { Replay } from "../../src/backtest/replay.ts";
import { replayDays } from "../../src/backtest/replay-days.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { HEADLINE_HORIZON } from "../../src/grades/grade.ts";
import type { Example } from "../../src/training/example.ts";
import { ReplayedExamples } from "../../src/training/replayed-examples.ts";
import { openSource } from "../backtest/open-source.ts";
import type { Options } from "../backtest/options.ts";
import { InputError } from "../backtest/sources/source.ts";
import { loadParquet } from "../parquet-module.ts";

export interface StoredExamples {
  readonly examples: readonly Example[];
  /** Spikes that were decided, with a grade or without. */
  readonly decisions: number;
  /** Those that are no example because a part of their cost is unknown. */
  readonly unknownCost: number;
  /** Days of the range without stored data. */
  readonly missingDays: number;
  /** What a reader has to know of the data. */
  readonly notes: readonly string[];
}

/**
 * The graded spikes in stored data.
 * @throws {InputError} where nothing of the range is stored, or the data cannot be used
 */
export async function replayExamples(options: Options): Promise<StoredExamples> {
  loadParquet();
  const { judged, config, marks } = options;
  const source = await openSource(options);
  try {
    const examples = new ReplayedExamples();
    const gaps = new KnownGaps();
    const settings = { config, judged, gaps, marks: new MarkBook(), marksFromEvents: marks.kind === "events", analyst: examples.analyst };
    const replay = new Replay(settings);
    const days = await replayDays(replay, judged, source, gaps, publishingVenues(config));
    if (replay.counts.in_range === 0)
      throw new InputError(
        `${source.name} has no liquidation from ${new Date(judged.start).toISOString()} to ${new Date(judged.end).toISOString()}.`,
      );
    return {
      examples: examples.of(replay.ledger),
      decisions: replay.ledger.signals.length,
      unknownCost: replay.ledger.grades.filter(({ horizon, costProblem }) => horizon === HEADLINE_HORIZON && costProblem !== null).length,
      missingDays: days.missing.length,
      notes: source.notes(),
    };
  } finally {
    await source.close();
  }
}
