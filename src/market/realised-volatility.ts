const WINDOW_SECONDS = 300;
const MIN_RETURNS = 60;
/** A price older than this is stale: no return spans such a gap. */
const MAX_CARRY_SECONDS = 10;

/** A price that changes by more within seconds has changed its unit. */
const MAX_RETURN = Math.log(10);

/**
 * Realized volatility: √Σr² over the one-second log returns of the last five minutes, not annualized (Andersen,
 * Bollerslev, Diebold & Labys 2003, Econometrica 71, "Modeling and Forecasting Realized Volatility"), sampled at the
 * last price of each second (previous tick).
 */
export class RealisedVolatility {
  /** Squared return of each second, at `second % 300`; NaN for a second without a return. */
  readonly #squares = new Float64Array(WINDOW_SECONDS).fill(Number.NaN);
  #second: number | null = null;
  #close = 0;
  #previousClose: number | null = null;

  /** @param time time at which the price was received, ms */
  add(price: number, time: number): void {
    const second = Math.floor(time / 1000);
    if (this.#second === null || this.#second - second > MAX_CARRY_SECONDS) this.#restart(second, price);
    else if (second > this.#second) this.#advance(second - this.#second, price);
    else this.#setClose(price);
  }

  /** @returns null with fewer than 60 returns */
  at(time: number): number | null {
    if (this.#second === null) return null;
    const carried = Math.max(0, Math.floor(time / 1000) - this.#second);
    if (carried > MAX_CARRY_SECONDS) return null;
    let sum = 0;
    let returns = carried;
    for (let back = 0; back < WINDOW_SECONDS - carried; back += 1) {
      const square = this.#squares[slot(this.#second - back)] ?? Number.NaN;
      if (Number.isNaN(square)) continue;
      sum += square;
      returns += 1;
    }
    return returns < MIN_RETURNS ? null : Math.sqrt(sum);
  }

  #restart(second: number, price: number): void {
    this.#squares.fill(Number.NaN);
    this.#second = second;
    this.#previousClose = null;
    this.#close = price;
  }

  #advance(seconds: number, price: number): void {
    const from = this.#second ?? 0;
    const broken = seconds > MAX_CARRY_SECONDS + 1;
    for (let step = Math.max(1, seconds - WINDOW_SECONDS); step < seconds; step += 1) {
      this.#squares[slot(from + step)] = step <= MAX_CARRY_SECONDS ? 0 : Number.NaN;
    }
    this.#second = from + seconds;
    this.#previousClose = broken ? null : this.#close;
    this.#setClose(price);
  }

  #setClose(price: number): void {
    this.#close = price;
    const logReturn = this.#previousClose === null ? Number.NaN : Math.log(price / this.#previousClose);
    this.#squares[slot(this.#second ?? 0)] = Math.abs(logReturn) <= MAX_RETURN ? logReturn ** 2 : Number.NaN;
  }
}

function slot(second: number): number {
  return ((second % WINDOW_SECONDS) + WINDOW_SECONDS) % WINDOW_SECONDS;
}
