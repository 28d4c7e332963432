import type { Config } from "../../src/config.ts";
import { callSupabase } from "./connection.ts";
import type { Problem } from "./connection.ts";
import { problemKind } from "./problem.ts";

export type TableRow = Readonly<Record<string, unknown>>;

export interface UpsertTarget {
  readonly table: string;
  /** Columns of the key, separated by commas. */
  readonly key: string;
  /** Whether an existing row with the same key stays; otherwise it is replaced. */
  readonly keepStored: boolean;
}

export interface UpsertOutcome {
  /** Rows that can never be stored, with the reason given by Supabase. */
  readonly refused: readonly { readonly row: TableRow; readonly problem: Problem }[];
  /** The reason why rows from some point on are not stored; null where all others are. */
  readonly problem: Problem | null;
}

const NOTHING_WRONG: UpsertOutcome = { refused: [], problem: null };

/**
 * Stores rows, `LIQUIDATION_CLOUD_SYNC_BATCH_SIZE` per request, up to the first request that fails. A request that
 * fails because of a row is split until the row is alone, so that one bad row costs 2 log₂(size) requests and no other
 * row.
 */
export async function upsertRows(
  config: Config,
  target: UpsertTarget,
  rows: readonly TableRow[],
  timeoutMs?: number,
): Promise<UpsertOutcome> {
  let outcome = NOTHING_WRONG;
  const size = config.LIQUIDATION_CLOUD_SYNC_BATCH_SIZE;
  for (let start = 0; start < rows.length && outcome.problem === null; start += size) {
    outcome = join(outcome, await upsertRequest(config, target, rows.slice(start, start + size), timeoutMs));
  }
  return outcome;
}

async function upsertRequest(config: Config, target: UpsertTarget, rows: readonly TableRow[], timeoutMs?: number): Promise<UpsertOutcome> {
  const options = { onConflict: target.key, ignoreDuplicates: target.keepStored };
  const answer = await callSupabase(config, (client) => client.from(target.table).upsert([...rows], options), timeoutMs);
  if (answer.kind === "done") return NOTHING_WRONG;
  const [first] = rows;
  if (problemKind(answer.problem) !== "row" || first === undefined) return { refused: [], problem: answer.problem };
  if (rows.length === 1) return { refused: [{ row: first, problem: answer.problem }], problem: null };
  const middle = Math.ceil(rows.length / 2);
  const left = await upsertRequest(config, target, rows.slice(0, middle), timeoutMs);
  return left.problem === null ? join(left, await upsertRequest(config, target, rows.slice(middle), timeoutMs)) : left;
}

function join(left: UpsertOutcome, right: UpsertOutcome): UpsertOutcome {
  return { refused: [...left.refused, ...right.refused], problem: right.problem };
}
