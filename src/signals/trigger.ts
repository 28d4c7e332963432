import type { SpikeDecision, SpikeSide } from "./spike-rule.ts";

/**
 * Why a decision is asked for: `spike`, a window that the rule calls one; `escalation`, one with twice the USD of a spike
 * whose cool-down it falls into; `turn`, the flush of a decided spike that is exhausted within the cool-down.
 */
export const TRIGGERS = ["spike", "escalation", "turn"] as const;
export type TriggerKind = (typeof TRIGGERS)[number];

export interface Trigger {
  readonly kind: TriggerKind;
  /** The sides with the spike; of a turn, the side whose flush turned. */
  readonly sides: readonly SpikeSide[];
  /** The largest USD of those sides in the compared window. */
  readonly severity_usd: number;
}

export function spikeTrigger({ kind, sides, severity_usd }: SpikeDecision): Trigger {
  return { kind, sides, severity_usd };
}
