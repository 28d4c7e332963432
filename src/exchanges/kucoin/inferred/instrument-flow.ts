import { type OpenInterest, OpenInterestHistory } from "./open-interest-history.ts";
import { addFill, beginSweep, type Sweep, type Trade } from "./sweep.ts";
import type { Thresholds } from "./thresholds.ts";

/**
 * The taker orders and open interest of one instrument over the last seconds. All times of receipt use the same clock.
 */
export class InstrumentFlow {
  readonly #thresholds: Thresholds;
  readonly #openInterest = new OpenInterestHistory();
  /** By taker order, in the order of their first fills. */
  readonly #sweeps = new Map<string, Sweep>();
  #now = -Infinity;

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  /**
   * Fills of several takers may alternate: an order is not over because another one follows. It is judged by open
   * interest that arrives after all of them.
   */
  trade(trade: Trade, receivedTime: number): void {
    this.#passTime(receivedTime);
    const known = this.#sweeps.get(trade.takerOrderId);
    if (known === undefined) this.#sweeps.set(trade.takerOrderId, beginSweep(trade, receivedTime));
    else if (known.verdict === "waiting" && receivedTime - known.lastReceived <= this.#thresholds.sweepEndMs) {
      addFill(known, trade, receivedTime);
    }
  }

  /** @returns the sweeps that this publication shows to be liquidations */
  openInterest(quantity: number, receivedTime: number): Sweep[] {
    this.#passTime(receivedTime);
    const published = { quantity, receivedTime };
    this.#openInterest.add(published);
    const large = [...this.#sweeps.values()].filter((sweep) => this.#isLarge(sweep)).toSorted((a, b) => b.quantity - a.quantity);
    const due = large.filter((sweep) => sweep.verdict === "waiting" && sweep.lastReceived + this.#thresholds.settleMs <= receivedTime);
    for (const sweep of due) sweep.verdict = this.#isForced(sweep, published, large) ? "forced" : "ordinary";
    return due.filter((sweep) => sweep.verdict === "forced");
  }

  #isLarge(sweep: Sweep): boolean {
    return sweep.prices.size >= this.#thresholds.minLevels && sweep.notional >= this.#thresholds.minUsd;
  }

  /**
   * Whether the fall of open interest around a sweep belongs to it: the part already explained by other sweeps, and the
   * part that larger waiting ones may explain, are subtracted first.
   * @param large all large sweeps of these seconds, largest first
   */
  #isForced(sweep: Sweep, after: OpenInterest, large: readonly Sweep[]): boolean {
    const { socketSkewMs, maxDistanceMs, minFallShare, maxFallShare } = this.#thresholds;
    const before = this.#openInterest.before(sweep.firstReceived - socketSkewMs);
    if (before === null || sweep.firstReceived - before.receivedTime > maxDistanceMs) return false;
    if (after.receivedTime - sweep.lastReceived > maxDistanceMs) return false;
    const place = large.indexOf(sweep);
    const others = large
      .filter(({ verdict }, index) => verdict === "forced" || (verdict === "waiting" && index < place))
      .filter(({ lastReceived }) => lastReceived > before.receivedTime)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    const fall = before.quantity - after.quantity;
    return fall - others >= minFallShare * sweep.quantity && fall <= maxFallShare * (others + sweep.quantity);
  }

  /** Drops data outside all windows. If the clock goes back everything restarts, because windows follow it. */
  #passTime(now: number): void {
    if (now < this.#now) {
      this.#sweeps.clear();
      this.#openInterest.clear();
    }
    this.#now = now;
    const { maxDistanceMs, sweepEndMs } = this.#thresholds;
    const oldest = now - 2 * maxDistanceMs - sweepEndMs;
    this.#openInterest.forgetBefore(oldest);
    for (const [id, sweep] of this.#sweeps) {
      if (sweep.lastReceived >= oldest) break;
      this.#sweeps.delete(id);
    }
  }
}
