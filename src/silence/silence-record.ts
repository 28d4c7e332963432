import type { ExchangeName } from "../liquidation.ts";
import type { CLEARED_REASONS } from "../webhooks/event.ts";
import type { AssetChange } from "./asset-watch.ts";
import { silenceProbability } from "./silence-evidence.ts";

/** A silence that the others do not explain, of a venue or of one base asset on it, as the stream sends it. Times in ms. */
export interface SilenceRecord {
  readonly exchange: ExchangeName;
  /** Base asset, where the venue delivers others; null where all of it is silent. */
  readonly symbol: string | null;
  /** Start of the silence. */
  readonly since: number;
  readonly suspect_time: number;
  /** When it was seen to have ended, and why; null while it lasts. */
  readonly cleared_time: number | null;
  readonly cleared_reason: (typeof CLEARED_REASONS)[number] | null;
  readonly silent_minutes: number;
  readonly silence_probability: number;
  /** Liquidations of the other venues since then. */
  readonly others_events: number;
}

/** A change of the silence of a venue, or of one of its base assets. */
type NamedChange = Omit<AssetChange, "symbol"> & Pick<SilenceRecord, "symbol">;

/** @param family number of silences that are judged together */
export function silenceRecord({ kind, exchange, symbol, silence }: NamedChange, family: number, now: number): SilenceRecord {
  const isOver = kind !== "suspect";
  return {
    exchange,
    symbol,
    since: silence.since ?? now,
    suspect_time: silence.suspectTime ?? now,
    cleared_time: isOver ? now : null,
    cleared_reason: !isOver ? null : kind === "unlisted" ? "unlisted" : "delivered",
    silent_minutes: silence.silentMinutes,
    silence_probability: silenceProbability(silence, family),
    others_events: silence.othersEvents,
  };
}
