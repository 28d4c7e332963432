import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import type { CascadeScript, PlannedLiquidation, ScriptedCascade } from "./cascade-script.ts";
import { logMove, placeCascade, planLiquidations, stressOf } from "./cascade-script.ts";
import { ClosedPositions } from "./closed-positions.ts";
import { HawkesArrivals } from "./hawkes-arrivals.ts";
import { LIQUIDATING_EXCHANGES } from "./liquidating-exchanges.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";

export interface MarketOptions {
  readonly seed: number;
  /** ms; all times of the market follow from it and the seed. */
  readonly startTime: number;
  /** Liquidations per second over all venues and assets, before any venue's sampling. */
  readonly rate: number;
  /** How liquidations spread over the venues. */
  readonly shares?: Partial<Record<ExchangeName, number>>;
  /** Share of liquidations brought about by others. */
  readonly branching?: number;
  /** The price moves, and liquidations come out, once per this long, ms: results do not depend on how often `tick` is called. */
  readonly stepMs?: number;
}

export interface MarketLiquidation {
  readonly exchange: ExchangeName;
  readonly symbol: string;
  readonly side: PositionSide;
  readonly time: number;
  readonly usd: number;
  /** Mark price when it happened. */
  readonly mark: number;
  /** 2 where two identical orders happened in the same instant. */
  readonly copies: number;
  /** On the venue's second contract of this coin, where it has one: Binance's COIN-M, Bybit's in USDC. */
  readonly secondContract: boolean;
}

export interface Quote {
  readonly mark: number;
  readonly index: number;
  readonly fundingRate: number;
  readonly nextFundingTime: number;
  /** Coins open on one venue. */
  readonly openInterest: number;
  /** USD traded on one venue in 24 hours. */
  readonly turnover: number;
}

/** The market as one venue shows it. */
export interface VenueMarket {
  quote(symbol: string): Quote;
  /** Middle of the venue's own book. */
  mid(symbol: string): number;
  /** How hard cascades press on the insurance funds, 0 to 1. */
  stress(symbol: string): number;
  /** Takes a liquidation's position from the venue's open interest. */
  close(liquidation: Pick<MarketLiquidation, "symbol" | "usd" | "mark" | "copies">): void;
}

export const STEP_MS = 100;
const DAY_MS = 86_400_000;
const FUNDING_PERIOD_MS = 28_800_000;
/** A venue's share of the liquidations, and where its mid stands against the mark price, in parts of the price. */
const VENUES: Readonly<Record<ExchangeName, { readonly share: number; readonly midOffset: number }>> = {
  binance: { share: 0.4, midOffset: 0.00001 },
  bybit: { share: 0.3, midOffset: -0.00002 },
  okx: { share: 0.22, midOffset: 0.00002 },
  kucoin: { share: 0, midOffset: 0.00004 },
  bitfinex: { share: 0.08, midOffset: -0.00006 },
  deribit: { share: 0.04, midOffset: 0.00003 },
  bitmex: { share: 0.03, midOffset: -0.00003 },
  aster: { share: 0.03, midOffset: 0.00006 },
  lighter: { share: 0.03, midOffset: -0.00004 },
  gate: { share: 0.1, midOffset: 0.00003 },
  bitget: { share: 0.08, midOffset: -0.00003 },
  htx: { share: 0.05, midOffset: 0.00005 },
};
/** How often a day the open interest is traded. */
const TURNOVERS_PER_DAY = 3;
const TWIN_PROBABILITY = 0.02;
const SECOND_CONTRACT_PROBABILITY = 0.04;

interface AssetState {
  readonly asset: Asset;
  walk: number;
  basis: number;
  funding: number;
  openInterest: number;
}

interface Flow {
  readonly symbol: string;
  readonly side: PositionSide;
  readonly arrivals: HawkesArrivals;
}

interface RunningCascade {
  readonly script: ScriptedCascade;
  readonly left: PlannedLiquidation[];
}

/** One seeded market that all venues show: prices, funding, open interest, and who is liquidated where and when. */
export class Market {
  readonly #startTime: number;
  readonly #seed: number;
  readonly #stepMs: number;
  readonly #prices: Random;
  readonly #orders: Random;
  readonly #shares: readonly (readonly [ExchangeName, number])[];
  readonly #assets: ReadonlyMap<string, AssetState>;
  readonly #flows: readonly Flow[];
  readonly #cascades: RunningCascade[] = [];
  readonly #closed = new ClosedPositions();
  #time: number;

  constructor(options: MarketOptions) {
    this.#startTime = options.startTime;
    this.#time = options.startTime;
    this.#seed = options.seed;
    this.#stepMs = options.stepMs ?? STEP_MS;
    this.#prices = createRandom(options.seed, "prices");
    this.#orders = createRandom(options.seed, "orders");
    this.#shares = LIQUIDATING_EXCHANGES.map((name) => [name, options.shares?.[name] ?? VENUES[name].share]);
    this.#assets = new Map(ASSETS.map((asset) => [asset.symbol, freshState(asset)]));
    this.#flows = ASSETS.flatMap((asset) => POSITION_SIDES.map((side) => flowOf(asset, side, options)));
  }

  /** Moves the market on to `now` and gives what was liquidated since, in order of time. */
  tick(now: number): MarketLiquidation[] {
    const liquidations: MarketLiquidation[] = [];
    while (this.#time + this.#stepMs <= now) liquidations.push(...this.#step());
    return liquidations;
  }

  /** As a venue without liquidations would show it. */
  quote(symbol: string): Quote {
    const state = this.#stateOf(symbol);
    const mark = this.#markOf(state);
    const { funding: fundingRate, openInterest } = state;
    const turnover = TURNOVERS_PER_DAY * openInterest * state.asset.price;
    const nextFundingTime = (Math.floor(this.#time / FUNDING_PERIOD_MS) + 1) * FUNDING_PERIOD_MS;
    return { mark, index: mark * (1 + state.basis), fundingRate, nextFundingTime, openInterest, turnover };
  }

  on(exchange: ExchangeName): VenueMarket {
    return {
      quote: (symbol) => {
        const quote = this.quote(symbol);
        return { ...quote, openInterest: this.#closed.left(exchange, symbol, quote.openInterest, this.#time) };
      },
      mid: (symbol) => this.quote(symbol).mark * (1 + VENUES[exchange].midOffset),
      stress: (symbol) => this.#stress(symbol),
      close: ({ symbol, usd, mark, copies }) => this.#closed.add(exchange, symbol, (usd * copies) / mark, this.#time),
    };
  }

  #stress(symbol: string): number {
    const own = this.#cascades.filter(({ script }) => script.symbol === symbol);
    return Math.max(0, ...own.map(({ script }) => stressOf(script, this.#time)));
  }

  /** Puts a cascade on the plan, counted from the market's present time. */
  schedule(script: CascadeScript): ScriptedCascade {
    assetOf(script.symbol);
    const placed = placeCascade(script, this.#time);
    const random = createRandom(this.#seed, `cascade ${this.#cascades.length}`);
    this.#cascades.push({ script: placed, left: planLiquidations(placed, random) });
    return placed;
  }

  cascades(): readonly ScriptedCascade[] {
    return this.#cascades.map((cascade) => cascade.script);
  }

  #step(): MarketLiquidation[] {
    this.#time += this.#stepMs;
    for (const state of this.#assets.values()) movePrice(state, this.#prices, this.#stepMs);
    const liquidations = [
      ...this.#flows.flatMap((flow) => this.#arrivalsOf(flow)),
      ...this.#cascades.flatMap((each) => this.#takeDue(each)),
    ];
    return liquidations.toSorted((left, right) => left.time - right.time);
  }

  #arrivalsOf(flow: Flow): MarketLiquidation[] {
    const elapsedSeconds = (this.#time - this.#startTime) / 1000;
    const mark = this.quote(flow.symbol).mark;
    const arrivals = flow.arrivals.until(elapsedSeconds);
    return arrivals.map((seconds) => ({
      exchange: this.#orders.weighted(this.#shares),
      symbol: flow.symbol,
      side: flow.side,
      // Rounded up, so that one millisecond's liquidations always come out of the same step.
      time: this.#startTime + Math.ceil(seconds * 1000),
      usd: drawUsd(this.#orders),
      mark,
      copies: this.#orders.chance(TWIN_PROBABILITY) ? 2 : 1,
      secondContract: this.#orders.chance(SECOND_CONTRACT_PROBABILITY),
    }));
  }

  #takeDue(cascade: RunningCascade): MarketLiquidation[] {
    const { symbol, side } = cascade.script;
    const firstLater = cascade.left.findIndex((planned) => planned.time > this.#time);
    const due = cascade.left.splice(0, firstLater === -1 ? cascade.left.length : firstLater);
    const mark = due.length === 0 ? 0 : this.quote(symbol).mark;
    return due.map((planned) => ({ ...planned, symbol, side, mark, copies: 1, secondContract: false }));
  }

  #markOf(state: AssetState): number {
    const moves = this.#cascades.filter((cascade) => cascade.script.symbol === state.asset.symbol);
    const move = moves.reduce((sum, cascade) => sum + logMove(cascade.script, this.#time), 0);
    return state.asset.price * Math.exp(state.walk + move);
  }

  #stateOf(symbol: string): AssetState {
    const state = this.#assets.get(symbol);
    if (state === undefined) throw new RangeError(`${symbol} is not traded here`);
    return state;
  }
}

function freshState(asset: Asset): AssetState {
  return { asset, walk: 0, basis: 0, funding: 0.0001, openInterest: asset.openInterest };
}

function flowOf(asset: Asset, side: PositionSide, options: MarketOptions): Flow {
  const random = createRandom(options.seed, `${asset.symbol} ${side}`);
  const rate = (options.rate * asset.weight) / POSITION_SIDES.length;
  const parameters = { rate, branching: options.branching ?? 0.5, decaySeconds: 10 };
  return { symbol: asset.symbol, side, arrivals: new HawkesArrivals(parameters, random, 0) };
}

function movePrice(state: AssetState, random: Random, stepMs: number): void {
  state.walk += state.asset.dailyVolatility * Math.sqrt(stepMs / DAY_MS) * random.normal();
  state.basis = 0.999 * state.basis + 0.00001 * random.normal();
  state.funding += 0.001 * (0.0001 - state.funding) + 0.0000002 * random.normal();
  state.openInterest *= 1 + 0.000005 * random.normal();
}

/** Log-normal with a Pareto tail: a median near 6,000 USD, one in a hundred above a quarter of a million. */
export function drawUsd(random: Random): number {
  const body = 6000 * Math.exp(1.4 * random.normal());
  const tail = random.chance(0.03) ? 50_000 * Math.exp(random.exponential(1.3)) : 0;
  return Math.min(5_000_000, Math.max(50, body + tail));
}
