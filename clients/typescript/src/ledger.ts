import type { GradeRecord } from "../../../src/grades/grade-ledger.ts";
import { type LedgerPages, verifyLedger } from "../../../src/scoreboard/verify-ledger.ts";
import { anchorIn } from "../../../src/signals/ledger-anchor.ts";
import type { SignalRecord } from "../../../src/signals/ledger.ts";
import type { ChainedGrade, Signal } from "./api.d.ts";
import type { Page } from "./lists.ts";

export interface LedgerOptions {
  /**
   * Anchors that you kept: days' manifests (`GET /v1/datasets/{date}`) or deliveries of `ledger.anchored`, as parsed JSON.
   * Without one, nobody can tell a ledger that was cut or computed again from a whole one.
   */
  readonly anchors?: readonly unknown[];
  /** Called after each page, with how many records match so far. */
  readonly onProgress?: (checked: { readonly decisions: number; readonly grades: number }) => void;
}

/** What was found in one of the two chains. */
export interface ChainReport {
  /** How many records match, and the hash of the last one. */
  readonly head: { readonly sequence: number; readonly hash: string };
  /** The first record that does not match; null where all do. */
  readonly mismatch: {
    readonly sequence: number;
    readonly signal_id: string;
    readonly field: string;
    readonly expected: string;
    readonly found: string;
  } | null;
  /** How many anchors were compared, and those that the chain does not hold; `found` is null where it ends before. */
  readonly anchors: number;
  readonly missing: readonly {
    readonly anchor: { readonly sequence: number; readonly hash: string };
    readonly found: string | null;
  }[];
}

export interface LedgerReport {
  readonly matches: boolean;
  readonly decisions: ChainReport;
  readonly grades: ChainReport;
  /** Grades of a decision that the ledger does not have under this hash. */
  readonly orphans: readonly {
    readonly sequence: number;
    readonly signal_id: string;
    readonly horizon: string;
    readonly signal_hash: string;
  }[];
  /** Decisions whose `paper` and `wealth` do not follow from the decisions and grades before them. */
  readonly standings: readonly {
    readonly sequence: number;
    readonly signal_id: string;
    readonly expected: { readonly paper: boolean; readonly wealth?: number | undefined };
    readonly found: { readonly paper: boolean; readonly wealth?: number | undefined };
  }[];
}

/** The lists that a ledger is read from. */
export interface LedgerLists {
  readonly decisions: AsyncIterable<Page<Signal>>;
  readonly grades: AsyncIterable<Page<ChainedGrade>>;
}

/** Recomputes every hash of the ledger on this machine. @throws {RangeError} where a given anchor is none */
export function verifyLists(lists: LedgerLists, { anchors = [], onProgress }: LedgerOptions): Promise<LedgerReport> {
  const heads = anchors.map((json, index) => {
    const anchor = anchorIn(json);
    if (anchor !== null) return anchor;
    throw new RangeError(`anchors[${index}] holds no anchor; allowed: a day's manifest or a delivery of ledger.anchored`);
  });
  const counts = { decisions: 0, grades: 0 };
  async function* counted<Row, As>(pages: AsyncIterable<Page<Row>>, name: keyof typeof counts): AsyncGenerator<readonly As[]> {
    for await (const { data } of pages) {
      // The API's records are the ledger's own: their hashes say so.
      yield data as readonly unknown[] as readonly As[];
      counts[name] += data.length;
      onProgress?.({ ...counts });
    }
  }
  const pages: LedgerPages = {
    decisions: counted<Signal, SignalRecord>(lists.decisions, "decisions"),
    grades: counted<ChainedGrade, GradeRecord>(lists.grades, "grades"),
  };
  return verifyLedger(pages, heads);
}
