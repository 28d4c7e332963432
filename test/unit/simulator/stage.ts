import { onTestFinished } from "vitest";
import type { StartOptions, Venues } from "../../../scripts/simulator/start-venues.ts";
import { startVenues } from "../../../scripts/simulator/start-venues.ts";
import { type ClientOptions, RawClient } from "../../../scripts/simulator/raw-client.ts";

export interface Stage {
  readonly venues: Venues;
  now(): number;
  /** Moves the venues' clock on in steps of 10 ms, doing all that falls due; no real time passes. */
  advance(ms: number): void;
  /** Moves the clock on at once, as when the machine slept: what fell due between runs once. */
  jump(ms: number): void;
  connect(httpUrl: string, options?: ClientOptions): Promise<RawClient>;
}

/** A Sunday noon, far from any funding time. */
const START = Date.UTC(2026, 10, 22, 12, 0, 0);

/** Venues on a clock of the test's own. Nothing is liquidated unless the test says so. */
export async function openStage(options: StartOptions = {}): Promise<Stage> {
  let time = START;
  const venues = await startVenues({ rate: 0, clock: () => time, ...options });
  onTestFinished(() => venues.stop());
  return {
    venues,
    now: () => time,
    advance: (ms) => {
      for (const end = time + ms; time < end;) {
        time += 10;
        venues.run();
      }
    },
    jump: (ms) => {
      time += ms;
      venues.run();
    },
    connect: async (url, connectOptions) => {
      const client = await RawClient.open(url, connectOptions);
      onTestFinished(() => client.close());
      return client;
    },
  };
}
