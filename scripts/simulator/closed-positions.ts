import type { ExchangeName } from "../../src/liquidation.ts";

/** Others open positions again: half of what was closed is back after this long. */
const HALF_LIFE_MS = 600_000;

interface Closed {
  readonly coins: number;
  /** ms */
  readonly time: number;
}

/** What liquidations have closed of each venue's open interest and is not open again. */
export class ClosedPositions {
  readonly #closed = new Map<string, Closed>();

  add(exchange: ExchangeName, symbol: string, coins: number, time: number): void {
    this.#closed.set(`${exchange} ${symbol}`, { coins: this.#coinsAt(exchange, symbol, time) + coins, time });
  }

  /** Coins that are open where `openInterest` would be without liquidations; each closes its share of what is left. */
  left(exchange: ExchangeName, symbol: string, openInterest: number, time: number): number {
    return openInterest * Math.exp(-this.#coinsAt(exchange, symbol, time) / openInterest);
  }

  #coinsAt(exchange: ExchangeName, symbol: string, time: number): number {
    const closed = this.#closed.get(`${exchange} ${symbol}`);
    return closed === undefined ? 0 : closed.coins * 2 ** ((closed.time - time) / HALF_LIFE_MS);
  }
}
