import type { ReplayAnalyst } from "../backtest/analyst.ts";
import { rulesAnalyst } from "../backtest/analyst.ts";
import type { ReplayedLedger } from "../backtest/replayed-ledger.ts";
import { pushDirection } from "../signals/forced-flow.ts";
import { HEADLINE_HORIZON } from "../grades/grade.ts";
import { ruleFeatures } from "../signals/rule-features.ts";
import { signalId } from "../signals/signal-id.ts";
import { dominantSide } from "../signals/signal-input.ts";
import type { Example } from "./example.ts";

interface Spike {
  readonly features: readonly (number | null)[];
  /** The direction of a trade against the forced flow. */
  readonly direction: 1 | -1;
}

/** Collects the spikes of a replay; with the replay's grades they are the examples to train on. */
export class ReplayedExamples {
  readonly #spikes = new Map<string, Spike>();

  /** Decides as the rules do, and remembers what they saw. */
  readonly analyst: ReplayAnalyst = (input) => {
    const features = ruleFeatures(input);
    const side = dominantSide(input)?.side;
    if (features !== null && side !== undefined) {
      this.#spikes.set(signalId(input), { features, direction: pushDirection(side) === 1 ? -1 : 1 });
    }
    return rulesAnalyst(input);
  };

  /** The graded spikes, in the order of their grades. */
  of(ledger: Pick<ReplayedLedger, "grades">): readonly Example[] {
    return ledger.grades.flatMap(({ signal, horizon, grade, path }) => {
      const spike = this.#spikes.get(signal.signal_id);
      const netBps = grade?.fade_net_return_bps ?? null;
      if (horizon !== HEADLINE_HORIZON || spike === undefined || grade === null || path === null || netBps === null) return [];
      const grossBps = spike.direction * grade.forward_return_bps;
      return [{ symbol: signal.symbol, minute: signal.minute, knownTime: path.exitTime, features: spike.features, grossBps, netBps }];
    });
  }
}
