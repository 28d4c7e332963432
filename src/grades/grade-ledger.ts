import type { GradeRow } from "./grade.ts";
import {
  type ChainCheck,
  type ChainHead,
  type ChainPlace,
  type PlaceMismatch,
  chained,
  checkChain,
  placeMismatch,
} from "../signals/hash-chain.ts";

/** A grade in the chain of grades, in the order in which they were given. */
export interface GradeRecord extends GradeRow, ChainPlace {
  readonly signal_hash: string;
  readonly sequence: number;
  readonly previous_hash: string;
  readonly hash: string;
}

/** A grade before it gets its place in the chain. */
export type UnchainedGrade = Omit<GradeRecord, keyof ChainPlace>;

/** Seals a grade: gives it the place after a head. */
export function sealGrade(grade: UnchainedGrade, head: ChainHead): Promise<GradeRecord> {
  return chained(grade, head);
}

/** The first grade that does not match, and its field. */
export interface GradeMismatch extends PlaceMismatch, Pick<GradeRecord, "sequence" | "signal_id" | "horizon"> {}

/** Recomputes the chain over grades in order, starting from the head before them. */
export function checkGrades(records: readonly GradeRecord[], before: ChainHead): Promise<ChainCheck<GradeMismatch>> {
  return checkChain(records, before, async (record, head) => {
    const { sequence, signal_id, horizon } = record;
    const mismatch = await placeMismatch(record, head);
    return mismatch === null ? null : { sequence, signal_id, horizon, ...mismatch };
  });
}
