import type { FeedMessage, Scope } from "../../src/exchanges/exchange.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { MinuteMark, MinuteMarket } from "../../src/minute-mark.ts";
import { MinuteMarks, type MinuteMarksSnapshot, usdtInstruments } from "../../src/market/minute-marks.ts";
import type { RecentMarks } from "../../src/market/recent-marks.ts";
import type { Memory } from "./beat-memory.ts";
import type { MarkLog } from "./journal/mark-log.ts";

/** Minimum time between two samples of a contract's market, ms: a dozen a minute, since each may parse a book. */
const MARKET_SAMPLE_MS = 5_000;

type MarkMessage = Extract<FeedMessage, { readonly kind: "mark" }>;

/**
 * The mark prices of a venue: the last minutes of each instrument, and the open, high, low and close of each minute with
 * the market of its contract.
 */
export class FeedMarks {
  readonly #minutes: MinuteMarks;
  readonly #recent: RecentMarks;
  readonly #log: MarkLog;
  readonly #memory: Memory;
  /** The instrument that stands for the mark price of each base asset. */
  #symbols: ReadonlyMap<string, string> = new Map();
  /** Time of the last sample of each base asset's market, ms. */
  readonly #sampled = new Map<string, number>();

  constructor(exchange: ExchangeName, recent: RecentMarks, log: MarkLog, memory: Memory) {
    this.#minutes = new MinuteMarks(exchange);
    this.#recent = recent;
    this.#log = log;
    this.#memory = memory;
    const kept = memory.read("minute_marks");
    if (kept !== undefined) this.#minutes.restore(kept as MinuteMarksSnapshot);
  }

  rescope(scope: Scope): void {
    this.#symbols = usdtInstruments(scope.instruments.values());
  }

  add({ instrument, price, time }: MarkMessage, receivedTime: number): void {
    const symbol = this.#symbols.get(instrument);
    if (symbol !== undefined) this.#minutes.add(symbol, price, time);
    this.#recent.add(instrument, price, time, receivedTime);
  }

  /** Samples the market beside a mark that was added. @param marketNow the market as known now */
  addMarket({ instrument, time }: MarkMessage, receivedTime: number, marketNow: () => MinuteMarket): void {
    const symbol = this.#symbols.get(instrument);
    if (symbol === undefined) return;
    // After a clock that was set back, samples continue.
    const elapsed = Math.abs(receivedTime - (this.#sampled.get(symbol) ?? Number.NEGATIVE_INFINITY));
    if (elapsed < MARKET_SAMPLE_MS) return;
    this.#sampled.set(symbol, receivedTime);
    this.#minutes.addMarket(symbol, marketNow(), time);
  }

  /** The minutes of base assets (null: all) that are not over yet, in their current state. */
  running(symbols: readonly string[] | null): readonly MinuteMark[] {
    return this.#minutes.running().filter(({ symbol }) => symbols?.includes(symbol) ?? true);
  }

  /** Stores the minutes that are over, and the running ones in case of a restart. */
  save(now: number): void {
    this.#log.add(this.#minutes.drainClosed(now));
    this.#memory.write("minute_marks", this.#minutes.snapshot());
  }
}
