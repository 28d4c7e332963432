import type { ExchangeName } from "../../src/liquidation.ts";

export const STORES = ["r2", "d1", "supabase"] as const;
export type StoreName = (typeof STORES)[number];

/** What happens to a call to a store: it is not made, it is made and its answer lost, or it takes 8 s. */
export type Fate = "refused" | "lost" | "slow";

/** A fault of one venue; those without a length happen at once. */
export type VenueFault =
  /** All sockets end, with a close code or by a cut. */
  | { readonly kind: "drop"; readonly code: number | null }
  | { readonly kind: "half_open" }
  /** Sockets stay open and answer, but nothing comes: the control stream included. */
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "refuse_upgrades"; readonly ms: number; readonly status: number }
  | { readonly kind: "hang_upgrades"; readonly ms: number }
  | { readonly kind: "ignore_subscriptions"; readonly ms: number }
  | { readonly kind: "refuse_subscriptions"; readonly ms: number }
  | { readonly kind: "withdraw_subscriptions" }
  /** Mutated frames of market data. */
  | { readonly kind: "garbage"; readonly frames: number }
  /** The venue's clock is ahead by so much; negative: behind. */
  | { readonly kind: "clock_jump"; readonly ms: number; readonly byMs: number }
  | { readonly kind: "twins"; readonly copies: number }
  | { readonly kind: "repeat" }
  | { readonly kind: "burst"; readonly ms: number; readonly perSecond: number }
  /**
   * A break in a book's sequence that no new subscription mends: the collector opens a successor and closes the session
   * once that delivers.
   */
  | { readonly kind: "roll_over" };

export type Fault =
  | { readonly at: number; readonly exchange: ExchangeName; readonly venue: VenueFault }
  | { readonly at: number; readonly store: StoreName; readonly fate: Fate; readonly ms: number }
  /** SIGKILL to the Worker's processes, and a new start after so long. */
  | { readonly at: number; readonly process: "kill"; readonly ms: number }
  /** SIGSTOP, and SIGCONT after so long. */
  | { readonly at: number; readonly process: "freeze"; readonly ms: number };

/** How long a fault lasts, ms. */
export function lengthOf(fault: Fault): number {
  if ("venue" in fault) return "ms" in fault.venue ? fault.venue.ms : 0;
  return fault.ms;
}

/** The fault in one line, without its time. */
export function describe(fault: Fault): string {
  if ("store" in fault) return `${fault.store} ${fault.fate} for ${fault.ms} ms`;
  if ("process" in fault) return `${fault.process} the Worker for ${fault.ms} ms`;
  const { kind, ...details } = fault.venue;
  const shown = Object.entries(details).map(([name, value]) => `${name} ${String(value)}`);
  return [`${fault.exchange} ${kind}`, ...shown].join(", ");
}
