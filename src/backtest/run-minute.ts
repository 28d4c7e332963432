import type { ReplayedEvent } from "./replayed-event.ts";
import type { ReplayedMarket } from "./replayed-market.ts";

/** An agent that judges what is known of a market. */
export interface SteppedReplay {
  /** Whether the hub would have asked for bursts before a time, ms. */
  readonly hasBurstsBefore: (time: number) => boolean;
  /** Judges the bursts that the hub would have asked for before a time, ms. */
  readonly judgeBursts: (before: number) => Promise<void>;
  /** Looks at an event that has just become known. */
  readonly watch: (event: ReplayedEvent) => void;
  /** Judges the minute and gives the grades of that time. */
  readonly finishMinute: (minute: number) => Promise<void>;
}

/**
 * Runs one minute of agents that share a market. Minutes come in order, without omissions.
 * @param received the events received since the previous minute, in the order of `byReceipt`
 */
export async function runMinute(
  market: ReplayedMarket,
  replays: readonly SteppedReplay[],
  minute: number,
  received: readonly ReplayedEvent[],
): Promise<void> {
  for (const event of received) {
    // Not awaited where nothing is due: most events would make a promise for nothing.
    for (const replay of replays) if (replay.hasBurstsBefore(event.received_time)) await replay.judgeBursts(event.received_time);
    if (market.take(event, minute)) for (const replay of replays) replay.watch(event);
  }
  for (const replay of replays) await replay.judgeBursts(minute);
  market.advance(minute);
  for (const replay of replays) await replay.finishMinute(minute);
  market.forget(minute);
}
