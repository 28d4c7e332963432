import type { ExchangeName } from "../../src/liquidation.ts";
import type { BinanceOptions } from "./binance.ts";
import { Binance } from "./binance.ts";
import type { BitfinexOptions } from "./bitfinex.ts";
import { Bitfinex } from "./bitfinex.ts";
import type { BybitOptions } from "./bybit.ts";
import { Bybit } from "./bybit.ts";
import type { CascadeScript, ScriptedCascade } from "./cascade-script.ts";
import type { KucoinOptions } from "./kucoin.ts";
import { Kucoin } from "./kucoin.ts";
import type { MarketOptions } from "./market.ts";
import { Market, STEP_MS } from "./market.ts";
import type { OkxOptions } from "./okx.ts";
import { Okx } from "./okx.ts";
import { createRandom } from "./random.ts";
import type { Clock } from "./scheduler.ts";
import { Scheduler } from "./scheduler.ts";
import type { Venue, VenueContext } from "./venue.ts";
import { startVenue } from "./venue-server.ts";

/** Each venue's own times and habits; what is not given is as on the live venue. */
export interface VenueOptions {
  readonly binance?: Partial<BinanceOptions>;
  readonly bybit?: Partial<BybitOptions>;
  readonly okx?: Partial<OkxOptions>;
  readonly kucoin?: Partial<KucoinOptions>;
  readonly bitfinex?: Partial<BitfinexOptions>;
}

export interface StartOptions extends VenueOptions {
  readonly seed?: number;
  /** Liquidations per second over all venues, before Binance's sampling; 0 leaves them all to `liquidate`. */
  readonly rate?: number;
  readonly shares?: MarketOptions["shares"];
  readonly branching?: number;
  readonly cascade?: CascadeScript;
  /** First of five ports in a row, in the order of `EXCHANGES`; 0 takes any free ones. */
  readonly port?: number;
  /** With a clock of its own the caller moves time on by calling `run`; without one the venues run by themselves. */
  readonly clock?: Clock;
}

export interface Venues {
  readonly binance: Venue;
  readonly bybit: Venue;
  readonly okx: Venue;
  readonly kucoin: Venue;
  readonly bitfinex: Venue;
  all(): readonly Venue[];
  /** Does all that is due by the clock. */
  run(): void;
  cascade(script: CascadeScript): ScriptedCascade;
  cascades(): readonly ScriptedCascade[];
  /** From now on nobody is liquidated any more; the markets go on. */
  quiet(): void;
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
  const context = (name: ExchangeName): VenueContext => ({ scheduler, market, random: createRandom(seed, name) });
  const protocols = {
    binance: new Binance(context("binance"), options.binance ?? {}),
    bybit: new Bybit(context("bybit"), options.bybit ?? {}),
    okx: new Okx(context("okx"), options.okx ?? {}),
    kucoin: new Kucoin(context("kucoin"), options.kucoin ?? {}),
    bitfinex: new Bitfinex(context("bitfinex"), options.bitfinex ?? {}),
  };
  // Before the venues' own tasks, so that a push sees the newest state.
  let isQuiet = false;
  scheduler.every(STEP_MS / 2, (now) => {
    const liquidations = market.tick(now);
    if (isQuiet) return;
    for (const liquidation of liquidations) protocols[liquidation.exchange].accept(liquidation);
  });
  const portOf = (offset: number) => (port === 0 ? 0 : port + offset);
  const venues = {
    binance: await startVenue(protocols.binance, context("binance"), portOf(0)),
    bybit: await startVenue(protocols.bybit, context("bybit"), portOf(1)),
    okx: await startVenue(protocols.okx, context("okx"), portOf(2)),
    kucoin: await startVenue(protocols.kucoin, context("kucoin"), portOf(3)),
    bitfinex: await startVenue(protocols.bitfinex, context("bitfinex"), portOf(4)),
  };
  if (options.clock === undefined) scheduler.start();
  return {
    ...venues,
    all: () => Object.values(venues),
    run: () => scheduler.run(),
    cascade: (script) => market.schedule(script),
    cascades: () => market.cascades(),
    quiet: () => {
      isQuiet = true;
    },
    stop: async () => {
      scheduler.stop();
      await Promise.all(Object.values(venues).map((venue) => venue.stop()));
    },
  };
}

/** The Worker variables that point it at these venues. */
export function environment(venues: Venues): Record<string, string> {
  return Object.fromEntries(
    venues.all().flatMap(({ name, urls }) => {
      const prefix = name.toUpperCase();
      // KuCoin's classic socket address comes with its token; the one that is configured is the UTA socket's.
      const ws = name === "kucoin" ? "KUCOIN_UTA_WS_URL" : `${prefix}_WS_URL`;
      return [
        [ws, urls.ws],
        [`${prefix}_REST_URL`, urls.rest],
      ];
    }),
  );
}
