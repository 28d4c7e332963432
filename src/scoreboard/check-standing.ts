import type { GradeRow } from "../grades/grade.ts";
import type { SignalRecord, StandingFields } from "../signals/ledger.ts";
import { type RecordedDecision, type SettledRecord, type Trade, UNSETTLED, recordName, settled, tradesOf } from "./track-record.ts";

/** The fields of a record without its input. */
export type StandingRecord = Omit<SignalRecord, "statistics">;
/** The fields of a grade that a standing follows from. */
export type KnownGrade = Pick<GradeRow, "sequence" | "net_return_bps" | "rule_net_return_bps">;

type Claim = Pick<SignalRecord, "paper"> & Pick<StandingFields, "wealth">;

/** A record whose `paper` and `wealth` do not follow from the decisions and grades before it. */
export interface StandingMismatch extends Pick<SignalRecord, "sequence" | "signal_id"> {
  readonly expected: Claim;
  readonly found: Claim;
}

type OpenTrade = Omit<RecordedDecision, "outcome"> & Pick<Trade, "of"> & Pick<SignalRecord, "signal_id">;

/** The trades of one track record, and how far they are settled by the grades up to a number. */
interface Track {
  readonly trades: readonly OpenTrade[];
  readonly settled: SettledRecord;
  readonly gradesKnown: number;
}

const NEW_TRACK: Track = { trades: [], settled: UNSETTLED, gradesKnown: 0 };

/**
 * Recomputes `paper` and `wealth` of decisions from the ledger and the chain of grades. Records from before these fields are
 * not compared.
 * @param records all of the ledger, in its order
 * @param grades those of the chain over the registered horizon, by `signal_id`
 */
export function standingMismatches(
  records: readonly StandingRecord[],
  grades: ReadonlyMap<string, KnownGrade>,
): readonly StandingMismatch[] {
  const tracks = new Map<string, Track>();
  const mismatches: StandingMismatch[] = [];
  for (const record of records) {
    const { sequence, signal_id, paper, wealth, grades_known: gradesKnown } = record;
    if (wealth !== undefined && gradesKnown !== undefined) {
      const track = settleTrack(tracks.get(recordName(record)) ?? NEW_TRACK, grades, gradesKnown);
      tracks.set(recordName(record), track);
      const { state } = track.settled;
      if (state.muted !== paper || state.wealth !== wealth) {
        const expected = { paper: state.muted, wealth: state.wealth };
        mismatches.push({ sequence, signal_id, expected, found: { paper, wealth } });
      }
    }
    for (const { key, of } of tradesOf(record)) {
      const track = tracks.get(recordName(key)) ?? NEW_TRACK;
      const { created_time, minute } = record;
      tracks.set(recordName(key), { ...track, trades: [...track.trades, { sequence, signal_id, created_time, minute, of }] });
    }
  }
  return mismatches;
}

/** Of two decisions made at once, the later one in the ledger may have known fewer grades: then all are settled again. */
function settleTrack(track: Track, grades: ReadonlyMap<string, KnownGrade>, gradesKnown: number): Track {
  const from = gradesKnown < track.gradesKnown ? UNSETTLED : track.settled;
  const open = track.trades.filter(({ sequence }) => sequence > from.sequence);
  const next = settled(
    from,
    open.map((trade) => ({ ...trade, outcome: outcomeOf(trade, grades.get(trade.signal_id), gradesKnown) })),
  );
  return { trades: track.trades, settled: next, gradesKnown };
}

function outcomeOf({ of }: OpenTrade, grade: KnownGrade | undefined, gradesKnown: number): RecordedDecision["outcome"] {
  if (grade === undefined || grade.sequence === null || grade.sequence > gradesKnown) return "pending";
  return (of === "rule" ? grade.rule_net_return_bps : grade.net_return_bps) ?? "ungradable";
}
