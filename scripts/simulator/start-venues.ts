import { exchanges } from "../../src/exchanges/registry.ts";
import { venueVariables } from "../../src/exchanges/venue-variables.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { PROBED_ADDRESSES } from "../../src/venue-watch/venue-pages.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { CascadeScript, ScriptedCascade } from "./cascade-script.ts";
import type { MarketOptions } from "./market.ts";
import { Market, STEP_MS } from "./market.ts";
import { createRandom } from "./random.ts";
import { type SimulatedVenue, simulators, type VenueOptions } from "./registry.ts";
import type { Clock } from "./scheduler.ts";
import { Scheduler, VenueTimer } from "./scheduler.ts";
import type { Venue, VenueContext } from "./venue.ts";

export interface StartOptions extends VenueOptions {
  readonly seed?: number;
  /** Liquidations per second over all venues, before Binance's sampling; 0 leaves them all to `liquidate`. */
  readonly rate?: number;
  readonly shares?: MarketOptions["shares"];
  readonly branching?: number;
  readonly cascade?: CascadeScript;
  /** First of as many ports in a row as there are venues, in the order of `EXCHANGES`; 0 takes any free ones. */
  readonly port?: number;
  /** With a clock of its own the caller moves time on by calling `run`; without one the venues run by themselves. */
  readonly clock?: Clock;
}

export interface Venues extends Readonly<Record<ExchangeName, Venue>> {
  all(): readonly Venue[];
  /** Does all that is due by the clock. */
  run(): void;
  cascade(script: CascadeScript): ScriptedCascade;
  cascades(): readonly ScriptedCascade[];
  /** While it is on nobody is liquidated; the markets go on. */
  quiet(on?: boolean): void;
  stop(): Promise<void>;
}

export async function startVenues(options: StartOptions = {}): Promise<Venues> {
  const { seed = 1, rate = 2, port = 0, clock = Date.now } = options;
  const scheduler = new Scheduler(clock);
  const { shares, branching } = options;
  const market = new Market({
    seed,
    rate,
    startTime: clock(),
    ...(shares === undefined ? {} : { shares }),
    ...(branching === undefined ? {} : { branching }),
  });
  if (options.cascade !== undefined) market.schedule(options.cascade);
  const timers = new Map(EXCHANGES.map((name) => [name, new VenueTimer(scheduler)]));
  const timerOf = (name: ExchangeName): VenueTimer => timers.get(name) ?? new VenueTimer(scheduler);
  const context = (name: ExchangeName): VenueContext => ({
    scheduler: timerOf(name),
    market: market.on(name),
    random: createRandom(seed, name),
  });
  const make = <Name extends ExchangeName>(name: Name): SimulatedVenue => simulators[name](context(name), options[name]);
  const simulated = new Map(EXCHANGES.map((name) => [name, make(name)]));
  // Before the venues' own tasks, so that a push sees the newest state.
  let isQuiet = false;
  scheduler.every(STEP_MS / 2, (now) => {
    const liquidations = market.tick(now);
    if (isQuiet) return;
    for (const liquidation of liquidations) {
      const time = liquidation.time + timerOf(liquidation.exchange).skewMs;
      market.on(liquidation.exchange).close(liquidation);
      simulated.get(liquidation.exchange)?.accept({ ...liquidation, time });
    }
  });
  const listening: (readonly [ExchangeName, Venue])[] = [];
  for (const [name, venue] of simulated) {
    listening.push([name, await venue.listen(context(name), port === 0 ? 0 : port + listening.length)]);
  }
  const venues = Object.fromEntries(listening) as Record<ExchangeName, Venue>;
  if (options.clock === undefined) scheduler.start();
  return {
    ...venues,
    all: () => Object.values(venues),
    run: () => scheduler.run(),
    cascade: (script) => market.schedule(script),
    cascades: () => market.cascades(),
    quiet: (on = true) => {
      isQuiet = on;
    },
    stop: async () => {
      scheduler.stop();
      await Promise.all(Object.values(venues).map((venue) => venue.stop()));
    },
  };
}

/** The Worker variables that point it at these venues, and at no other. */
export function environment(venues: Venues): Record<string, string> {
  const simulated = new Map<string, string>(venues.all().map(({ name, urls }) => [name, urls.rest]));
  const probes = [...PROBED_ADDRESSES.keys()].map((name) => `${name}=${simulated.get(name) ?? "none"}`);
  return Object.fromEntries([
    ["LIQUIDATION_CHANGE_LOGS", "none"],
    ["LIQUIDATION_PROBES", probes.join(",")],
    ...venues.all().flatMap(({ name, urls }) => {
      const { ws, rest } = venueVariables(exchanges[name]);
      return [
        [ws, urls.ws],
        [rest, urls.rest],
      ];
    }),
  ]);
}
