import { HEADLINE_HORIZON } from "../grades/grade.ts";
import { type GradedSpike, MAX_PAST_SPIKES } from "../signals/past-spikes.ts";
import { type SignalInput, dominantSide } from "../signals/signal-input.ts";
import { type SpikeShape, shapeOf } from "../signals/spike-shape.ts";
import type { ReplayedGrade, ReplayedLedger, ReplayedSignal } from "./replayed-ledger.ts";

interface DecidedSpike extends Pick<GradedSpike, "side" | "shape"> {
  readonly signal: ReplayedSignal;
  /** Null until it has a grade. */
  graded: GradedSpike | null;
}

/** The decided spikes of a replay and their grades, as the live history keeps them for the inputs of later decisions. */
export class ReplayedHistory {
  readonly #ledger: ReplayedLedger;
  /** In the order of minute and id. */
  readonly #spikes: DecidedSpike[] = [];
  readonly #grades = new Map<string, ReplayedGrade>();
  /** Number of the ledger's grades that were looked at. */
  #seen = 0;

  constructor(ledger: ReplayedLedger) {
    this.#ledger = ledger;
  }

  /** Adds a decision; those of a minute in any order. */
  add(signal: ReplayedSignal, input: SignalInput): void {
    const shape: SpikeShape | null = shapeOf(input);
    this.#spikes.push({ signal, side: dominantSide(input)?.side ?? null, shape, graded: null });
    this.#spikes.sort((a, b) => a.signal.minute - b.signal.minute || (a.signal.signal_id < b.signal.signal_id ? -1 : 1));
    this.#spikes.splice(0, this.#spikes.length - MAX_PAST_SPIKES);
  }

  /** Those with a grade so far, newest first. */
  graded(): readonly GradedSpike[] {
    const { grades } = this.#ledger;
    for (const one of grades.slice(this.#seen)) if (one.horizon === HEADLINE_HORIZON) this.#grades.set(one.signal.signal_id, one);
    this.#seen = grades.length;
    return this.#spikes.toReversed().flatMap((spike) => (spike.graded ??= this.#gradedOf(spike)) ?? []);
  }

  #gradedOf({ signal, side, shape }: DecidedSpike): GradedSpike | null {
    const grade = this.#grades.get(signal.signal_id)?.grade ?? null;
    if (grade === null) return null;
    const { symbol, minute, analyst, action, confidence } = signal;
    const { forward_return_bps, net_return_bps, fade_net_return_bps, follow_net_return_bps } = grade;
    const outcome = { forward_return_bps, net_return_bps, fade_net_return_bps, follow_net_return_bps };
    return { symbol, minute, analyst, action, confidence, side, shape, ...outcome };
  }
}
