import type { Instrument } from "../exchanges/exchange.ts";
import type { ExchangeName } from "../liquidation.ts";
import { type MinuteMark, type MinuteMarket, UNKNOWN_MINUTE_MARKET } from "../minute-mark.ts";
import { LATE_MARKS_MS, MAX_AHEAD_MS } from "../lateness.ts";
import { MINUTE_MS } from "../windows/calendar.ts";

interface OpenMinute extends MinuteMark {
  readonly openTime: number;
  readonly closeTime: number;
  /** Number of spreads in the mean. */
  readonly spreads: number;
}

export interface MinuteMarksSnapshot {
  readonly minutes: readonly OpenMinute[];
  readonly drainedUntil: number;
}

/**
 * Open, high, low and close of one venue's mark prices by minute and base asset, in venue time, and the market beside
 * them.
 */
export class MinuteMarks {
  readonly #exchange: ExchangeName;
  readonly #minutes = new Map<string, OpenMinute>();
  /** Minutes that start before this time were returned and are closed for good. */
  #drainedUntil = 0;

  constructor(exchange: ExchangeName) {
    this.#exchange = exchange;
  }

  /** @param time the venue's time of the mark price, ms; marks may come out of order */
  add(symbol: string, price: number, time: number): void {
    const minute = Math.floor(time / MINUTE_MS) * MINUTE_MS;
    if (!(price > 0 && Number.isFinite(price)) || !(minute >= this.#drainedUntil)) return;
    const key = keyOf(minute, symbol);
    const known = this.#minutes.get(key);
    this.#minutes.set(key, {
      ...UNKNOWN_MINUTE_MARKET,
      spreads: 0,
      ...known,
      minute,
      symbol,
      exchange: this.#exchange,
      open: known === undefined || time < known.openTime ? price : known.open,
      openTime: Math.min(time, known?.openTime ?? time),
      high: Math.max(price, known?.high ?? price),
      low: Math.min(price, known?.low ?? price),
      close: known === undefined || time >= known.closeTime ? price : known.close,
      closeTime: Math.max(time, known?.closeTime ?? time),
      samples: (known?.samples ?? 0) + 1,
    });
  }

  /**
   * Adds a sample of the market to the minute of a mark; without that mark it is ignored.
   * @param time the venue's time of the mark price, ms
   */
  addMarket(symbol: string, { spread_bps: spread, ...others }: MinuteMarket, time: number): void {
    const key = keyOf(Math.floor(time / MINUTE_MS) * MINUTE_MS, symbol);
    const known = this.#minutes.get(key);
    if (known === undefined) return;
    const spreads = known.spreads + (spread === null ? 0 : 1);
    const mean = known.spread_bps ?? 0;
    this.#minutes.set(key, {
      ...known,
      ...knownOf(others),
      spreads,
      spread_bps: spread === null ? known.spread_bps : mean + (spread - mean) / spreads,
    });
  }

  /** Returns each minute that ended at least 5 s ago, once, oldest first; minutes in the future are dropped. */
  drainClosed(now: number): MinuteMark[] {
    const closed: MinuteMark[] = [];
    for (const [key, open] of this.#minutes) {
      const mark = markOf(open);
      const ended = mark.minute + MINUTE_MS + LATE_MARKS_MS <= now;
      if (ended) closed.push(mark);
      if (ended || mark.minute > now + MAX_AHEAD_MS) this.#minutes.delete(key);
    }
    // Measured from the last returned minute rather than the clock, so that a clock that jumps ahead blocks no later
    // minute.
    for (const { minute } of closed) this.#drainedUntil = Math.max(this.#drainedUntil, minute + MINUTE_MS);
    return closed.toSorted((a, b) => a.minute - b.minute);
  }

  /** The minutes that were not returned yet, in their current state. */
  running(): MinuteMark[] {
    return [...this.#minutes.values()].map(markOf);
  }

  snapshot(): MinuteMarksSnapshot {
    return { minutes: [...this.#minutes.values()], drainedUntil: this.#drainedUntil };
  }

  /** Restores a `snapshot()` that was stored as JSON, also one from before minutes had a market; anything else is ignored. */
  restore(snapshot: unknown): void {
    if (!isSnapshot(snapshot)) return;
    this.#drainedUntil = snapshot.drainedUntil;
    for (const minute of snapshot.minutes) {
      this.#minutes.set(keyOf(minute.minute, minute.symbol), { ...UNKNOWN_MINUTE_MARKET, ...minute, spreads: minute.spreads ?? 0 });
    }
  }
}

/** Without the values that are not known now: those of before stay. */
function knownOf(market: Omit<MinuteMarket, "spread_bps">): Partial<MinuteMarket> {
  return Object.fromEntries(Object.entries(market).filter(([, value]) => value !== null));
}

function keyOf(minute: number, symbol: string): string {
  return `${minute} ${symbol}`;
}

function markOf({ openTime: _open, closeTime: _close, spreads: _spreads, ...mark }: OpenMinute): MinuteMark {
  return mark;
}

function isSnapshot(value: unknown): value is MinuteMarksSnapshot {
  return typeof value === "object" && value !== null && "minutes" in value && Array.isArray(value.minutes) && "drainedUntil" in value;
}

/** The instrument of each base asset that stands for the venue: its USDT contract. Instrument → symbol. */
export function usdtInstruments(instruments: Iterable<Instrument>): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  for (const { instrument, symbol, quote, contract, trading } of instruments) {
    if (quote === "USDT" && contract.kind === "base" && trading && !chosen.has(symbol)) chosen.set(symbol, instrument);
  }
  return new Map([...chosen].map(([symbol, instrument]) => [instrument, symbol]));
}
