/** A base asset of the simulated market with the contract sizes that venues use for it. */
export interface Asset {
  readonly symbol: string;
  /** Where the mark price starts, USDT. */
  readonly price: number;
  /** Price step of every venue but Bitfinex, which shows five significant digits. */
  readonly tick: number;
  readonly bitfinexTick: number;
  /** Quantity step in coins. */
  readonly step: number;
  /** Coins per OKX contract (2022 and 2025 instrument tables; BTC, ETH, SOL). */
  readonly okxContract: number;
  /** Coins per Gate contract (documented for BTC), and per HTX contract (captured for BTC and ETH). */
  readonly gateMultiplier: number;
  readonly htxContract: number;
  /** Coins per KuCoin lot, and KuCoin's own name of the coin. */
  readonly kucoinMultiplier: number;
  readonly kucoinBase: string;
  /** Standard deviation of a day's log return. */
  readonly dailyVolatility: number;
  /** Coins open on one venue. */
  readonly openInterest: number;
  /** Share of all liquidations. */
  readonly weight: number;
}

/** XRP stands for all that is on the wire although nobody asked for it: OKX's channel cannot be filtered. */
export const ASSETS: readonly Asset[] = [
  {
    symbol: "BTC",
    price: 86_000,
    tick: 0.1,
    bitfinexTick: 1,
    step: 0.001,
    okxContract: 0.01,
    gateMultiplier: 0.0001,
    htxContract: 0.001,
    kucoinMultiplier: 0.001,
    kucoinBase: "XBT",
    dailyVolatility: 0.03,
    openInterest: 52_000,
    weight: 0.48,
  },
  {
    symbol: "ETH",
    price: 2750,
    tick: 0.01,
    bitfinexTick: 0.1,
    step: 0.001,
    okxContract: 0.1,
    gateMultiplier: 0.01,
    htxContract: 0.01,
    kucoinMultiplier: 0.01,
    kucoinBase: "ETH",
    dailyVolatility: 0.04,
    openInterest: 900_000,
    weight: 0.32,
  },
  {
    symbol: "SOL",
    price: 138,
    tick: 0.01,
    bitfinexTick: 0.01,
    step: 0.01,
    okxContract: 1,
    gateMultiplier: 1,
    htxContract: 1,
    kucoinMultiplier: 0.1,
    kucoinBase: "SOL",
    dailyVolatility: 0.05,
    openInterest: 7_000_000,
    weight: 0.17,
  },
  {
    symbol: "XRP",
    price: 1.4,
    tick: 0.0001,
    bitfinexTick: 0.0001,
    step: 0.1,
    okxContract: 100,
    gateMultiplier: 10,
    htxContract: 10,
    kucoinMultiplier: 10,
    kucoinBase: "XRP",
    dailyVolatility: 0.05,
    openInterest: 90_000_000,
    weight: 0.03,
  },
];

export function assetOf(symbol: string): Asset {
  const asset = ASSETS.find((each) => each.symbol === symbol);
  if (asset === undefined) throw new RangeError(`${symbol} is not traded here; one of ${ASSETS.map((each) => each.symbol).join(", ")}`);
  return asset;
}

/** A number in whole steps, written with the step's decimals as venues do: `onGrid(1.26, 0.05)` is "1.25". */
export function onGrid(value: number, step: number): string {
  return (Math.round(value / step) * step).toFixed(decimalsOf(step));
}

/** At least one step, since a venue never shows a quantity of zero. */
export function quantityOnGrid(value: number, step: number): string {
  return onGrid(Math.max(value, step), step);
}

function decimalsOf(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}
