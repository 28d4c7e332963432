import type { Hidden } from "./hidden.ts";
import type { ShownSeconds } from "./throttle.ts";

/**
 * How what a venue shows is distributed: the traces of its throttle and of how its liquidations cluster. Where they are not those of
 * the complete venue after the throttle in software, what was learnt there does not hold.
 */
export interface Signature {
  /** Number of shown seconds. */
  readonly seconds: number;
  /** Share of events beyond the one that a second may have. */
  readonly surplus: number;
  /** Mean rank of the shown size among what the model expects, in busy seconds; null with too few, or where sizes say nothing. */
  readonly rank: Measured | null;
  /**
   * Logarithm of how much more often another second is shown one second later than six to ten seconds later; null with too few.
   */
  readonly echo: Measured | null;
}

export interface Measured {
  readonly value: number;
  /** Standard error. */
  readonly error: number;
}

/** Liquidations a second from which on a second is busy. */
const BUSY_RATE = 0.15;
const MIN_BUSY = 200;
const MIN_PAIRS = 50;
/** Seconds whose deviations are taken to be one. */
const BLOCK_S = 600;
/** Pairs come in clusters, so their number varies by more than that of independent ones. */
const CLUSTERED = 2;

export interface SignaturePart {
  readonly shown: ShownSeconds;
  /** Null where sizes say nothing about the rate. */
  readonly hidden: Pick<Hidden, "rank" | "rate"> | null;
}

export function signatureOf(parts: readonly SignaturePart[]): Signature {
  const seconds = parts.reduce((sum, { shown }) => sum + shown.seconds.length, 0);
  const surplus = parts.reduce((sum, { shown }) => sum + shown.surplus, 0);
  return { seconds, surplus: seconds === 0 ? 0 : surplus / (seconds + surplus), rank: meanRank(parts), echo: echoOf(parts) };
}

function meanRank(parts: readonly SignaturePart[]): Measured | null {
  const blocks = new Map<number, { sum: number; count: number }>();
  let [sum, count] = [0, 0];
  for (const { shown, hidden } of parts) {
    if (hidden === null) continue;
    for (const [index, second] of shown.seconds.entries()) {
      if ((hidden.rate[index] ?? 0) < BUSY_RATE) continue;
      const rank = hidden.rank[index] ?? 0;
      const block = blocks.get(Math.floor(second / BLOCK_S)) ?? { sum: 0, count: 0 };
      blocks.set(Math.floor(second / BLOCK_S), { sum: block.sum + rank, count: block.count + 1 });
      sum += rank;
      count += 1;
    }
  }
  if (count < MIN_BUSY) return null;
  const mean = sum / count;
  const variance = [...blocks.values()].reduce((total, block) => total + (block.sum - mean * block.count) ** 2, 0);
  return { value: mean, error: Math.sqrt(variance) / count };
}

const NEAR = [1] as const;
const FAR = [6, 7, 8, 9, 10] as const;

function echoOf(parts: readonly SignaturePart[]): Measured | null {
  let [near, far] = [0, 0];
  for (const { shown } of parts) {
    const all = new Set(shown.seconds);
    for (const second of shown.seconds) {
      for (const lag of NEAR) if (all.has(second + lag)) near += 1;
      for (const lag of FAR) if (all.has(second + lag)) far += 1;
    }
  }
  if (far < MIN_PAIRS) return null;
  // Half a pair more, so that none at all is a number too.
  const value = Math.log((near + 0.5) / NEAR.length) - Math.log((far + 0.5) / FAR.length);
  // Where there are few near ones their error is that of as many as would be usual: at least as many as further away.
  const usual = Math.max(near, (far * NEAR.length) / FAR.length);
  return { value, error: CLUSTERED * Math.sqrt(1 / (usual + 0.5) + 1 / (far + 0.5)) };
}

/** What venues may differ by beyond three standard errors. */
const RANK_TOLERANCE = 0.03;
const ECHO_TOLERANCE = 0.2;
const SURPLUS_TOLERANCE = 0.01;

/** Why a venue does not behave as the complete venue does after the throttle in software; null where nothing speaks against it. */
export function signatureProblem(own: Signature, reference: Signature): string | null {
  if (own.surplus > SURPLUS_TOLERANCE)
    return `${percent(own.surplus)} of its liquidations came in a second that already had one: its throttle is not the documented one`;
  const rank = difference(own.rank, reference.rank, RANK_TOLERANCE);
  if (rank !== null) return `its shown sizes do not fit the model: mean rank ${rank}`;
  const echo = difference(own.echo, reference.echo, ECHO_TOLERANCE);
  if (echo !== null) return `its seconds follow each other otherwise than those of the fit: log ratio ${echo}`;
  return null;
}

function difference(own: Measured | null, reference: Measured | null, tolerance: number): string | null {
  if (own === null || reference === null) return null;
  const allowed = tolerance + 3 * Math.hypot(own.error, reference.error);
  if (Math.abs(own.value - reference.value) <= allowed) return null;
  return `${own.value.toFixed(3)}, expected ${reference.value.toFixed(3)} ± ${allowed.toFixed(3)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
