import { parseArgs } from "node:util";
import { VENUE_COUNT } from "../../src/exchanges/venue-count.ts";
import { readNumberOption, readPortOption, readWholeOption } from "../number-option.ts";

/** With fewer a scoreboard has no intervals: they take four independent blocks of two days. */
const DEFAULT_HISTORY_DAYS = 10;
/** It takes a second or two a day. */
const MAX_HISTORY_DAYS = 14;

export const USAGE = `npm run demo -- [--minutes N] [--rate R] [--seed N] [--history-days N] [--fresh] [--port P] [--state DIR] [--verbose]

The whole system on this machine, without accounts and without asking a venue: ${VENUE_COUNT} simulated venues that speak the real
protocols, some days of simulated history, an embedded Supabase, a webhook receiver that verifies signatures, and the Worker.
Runs of 3 minutes and more have a scripted cascade in them; decisions are shown as they come.

  --minutes  end so many minutes after the market's beginning (default: at Ctrl-C, after 23 hours at the latest)
  --rate     liquidations a second over all venues (default 0.5)
  --seed     of the simulated market (default 1)
  --history-days
             days of simulated history to begin an empty state with (default ${DEFAULT_HISTORY_DAYS}, at most ${MAX_HISTORY_DAYS}; 0 for none); the history
             of a demo with the same seed, rate and days is used again for three hours
  --fresh    simulate the history again
  --port     of the Worker (default 8787; 0 for any free one)
  --state    folder of D1, R2, Supabase and the objects, which the next run with it goes on with (default: a new one that is
             removed at the end)
  --verbose  show what the Worker logs

At its end, by time or by Ctrl-C, the market stops and the run is checked: what this run's venues put on the wire against
what R2, D1 and Supabase took from them, the scripted cascade against the report, keys, exports, webhooks. Exit code 0 only
if every liquidation is in each store once and every check that is not marked advisory agrees.`;

export interface DemoOptions {
  readonly minutes: number;
  readonly rate: number;
  readonly seed: number;
  readonly historyDays: number;
  /** Whether no history of another run is used. */
  readonly fresh: boolean;
  readonly port: number;
  /** Null: a new folder, removed at the end. */
  readonly state: string | null;
  readonly verbose: boolean;
}

/** After a day D1 and the batches in R2 are thinned out, and could no longer be compared with what was sent. */
export const MAX_MINUTES = 23 * 60;

export function readDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string" },
      rate: { type: "string", default: "0.5" },
      seed: { type: "string", default: "1" },
      "history-days": { type: "string", default: String(DEFAULT_HISTORY_DAYS) },
      fresh: { type: "boolean", default: false },
      port: { type: "string", default: "8787" },
      state: { type: "string" },
      verbose: { type: "boolean", default: false },
    },
  });
  return {
    minutes: values.minutes === undefined ? MAX_MINUTES : readNumberOption("--minutes", values.minutes, 0.1, MAX_MINUTES),
    rate: readNumberOption("--rate", values.rate, 0, 1_000),
    seed: readWholeOption("--seed", values.seed, 0, 2 ** 31),
    historyDays: readNumberOption("--history-days", values["history-days"], 0, MAX_HISTORY_DAYS),
    fresh: values.fresh,
    port: readPortOption(values.port),
    state: values.state ?? null,
    verbose: values.verbose,
  };
}
