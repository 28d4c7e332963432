import type { Gap } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { VenueAccount } from "../demo/reconcile-gaps.ts";
import type { PlayedFault } from "./play.ts";
import type { StateWatch } from "./watch.ts";

/** The result of a campaign. */
export interface Outcome {
  readonly played: readonly PlayedFault[];
  readonly accounts: readonly VenueAccount[];
  readonly gaps: readonly Gap[];
  /** Sockets that each venue saw opened. */
  readonly connects: Readonly<Record<ExchangeName, number>>;
  readonly watch: StateWatch;
  /** From the first fault to the last store that had everything, ms. */
  readonly tookMs: number;
  /** Violations beside those of the accounts. */
  readonly wrong: readonly string[];
}
