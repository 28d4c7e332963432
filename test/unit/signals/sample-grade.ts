import { type GradeRecord, sealGrade } from "../../../src/grades/grade-ledger.ts";
import { type GradedAction, givenGrade, gradeOf } from "../../../src/grades/grade.ts";
import { type ChainHead, GENESIS } from "../../../src/signals/hash-chain.ts";
import type { MarkPath } from "../../../src/grades/mark-path.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { MINUTE } from "./sample-input.ts";

/** Up 50 bps in the end, 100 at the best, down 20 at the worst, at 12 bps of cost. */
export const SAMPLE_PATH: MarkPath = {
  exchange: "bybit",
  samples: 200,
  entryTime: MINUTE,
  entry: 100,
  exitTime: MINUTE + HOUR_MS,
  exit: 100.5,
  high: 101,
  low: 99.8,
  cost: { fee_bps: 11, spread_bps: 0.4, impact_10k_bps: 0.6, impact_100k_bps: 2, impact_1m_bps: 6, cost_bps: 12 },
  fundingBps: 0,
  volatility: 1e-4,
};

/** A grade of one hour on the sample path, after a head of the chain. */
export function sampleGrade(signal_id: string, decision: GradedAction, head: ChainHead = GENESIS): Promise<GradeRecord> {
  const given = givenGrade(SAMPLE_PATH, gradeOf(decision, "1h", SAMPLE_PATH, []), MINUTE + 2 * HOUR_MS);
  return sealGrade({ signal_id, horizon: "1h", due_time: MINUTE + HOUR_MS, signal_hash: decision.hash, ...given }, head);
}
