import type { FeedState } from "../../src/feed-status.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { readFeeds } from "../demo/read-feeds.ts";
import type { PlayedFault } from "./play.ts";
import type { WorkerProcess } from "./worker-process.ts";

const POLL_MS = 1_000;
/** A state may be `live` for this long while nothing comes (30 s), and the status is asked once a second. */
export const MAX_SILENT_LIVE_MS = 33_000;

/** A subscription that is withdrawn without a word is noticed within this time, of Deribit by the trades that are missing. */
export const MAX_WITHDRAWN_MS = 63_000;

export interface SeenState {
  readonly time: number;
  readonly exchange: ExchangeName;
  readonly state: FeedState;
}

/** Notes the state of every feed once a second, as far as the Worker can be asked. */
export class StateWatch {
  readonly seen: SeenState[] = [];
  readonly #worker: WorkerProcess;
  #over = false;

  constructor(worker: WorkerProcess) {
    this.#worker = worker;
    void this.#run();
  }

  stop(): void {
    this.#over = true;
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      const { url } = this.#worker;
      const feeds = url === null ? [] : await readFeeds(url).catch(() => []);
      // When it was answered: a frozen Worker may answer late.
      const time = Date.now();
      for (const { exchange, state } of feeds) this.seen.push({ time, exchange, state });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** Faults in which a venue delivers no liquidation, whatever its sockets do. */
const SILENT = new Set(["stall", "refuse_upgrades", "hang_upgrades", "ignore_subscriptions", "refuse_subscriptions"]);

/** States that said `live` although the venue had delivered nothing for longer than is allowed. */
export function falselyLive(seen: readonly SeenState[], played: readonly PlayedFault[]): readonly string[] {
  return played.flatMap(({ fault, from, to }) => {
    if (!("venue" in fault) || !SILENT.has(fault.venue.kind)) return [];
    const { exchange, venue } = fault;
    const wrong = seen.find(
      ({ time, state, ...one }) =>
        one.exchange === exchange && state === "live" && time > from + MAX_SILENT_LIVE_MS && time < (to ?? Number.POSITIVE_INFINITY),
    );
    return wrong === undefined ? [] : [`${exchange} was live ${((wrong.time - from) / 1_000).toFixed(0)} s into ${venue.kind}`];
  });
}

/** The share of the seen states of a venue that were `live`, from 0 to 1. */
export function liveShare(seen: readonly SeenState[], exchange: ExchangeName): number {
  const own = seen.filter((one) => one.exchange === exchange);
  return own.length === 0 ? 0 : own.filter(({ state }) => state === "live").length / own.length;
}
