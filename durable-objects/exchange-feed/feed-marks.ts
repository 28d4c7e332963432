import type { FeedMessage, Scope } from "../../src/exchanges/exchange.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { MinuteMarks, type MinuteMarksSnapshot, usdtInstruments } from "../../src/market/minute-marks.ts";
import type { RecentMarks } from "../../src/market/recent-marks.ts";
import type { ObjectMemory } from "../object-memory.ts";
import type { MarkLog } from "./journal/mark-log.ts";

type MarkMessage = Extract<FeedMessage, { readonly kind: "mark" }>;

/**
 * The mark prices of a venue: the last minutes of each instrument, and the open, high, low and close of each minute.
 */
export class FeedMarks {
  readonly #minutes: MinuteMarks;
  readonly #recent: RecentMarks;
  readonly #log: MarkLog;
  readonly #memory: ObjectMemory;
  /** The instrument that stands for the mark price of each base asset. */
  #symbols: ReadonlyMap<string, string> = new Map();

  constructor(exchange: ExchangeName, recent: RecentMarks, log: MarkLog, memory: ObjectMemory) {
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

  /** Queues the minutes that are not over yet, in their current state; complete ones replace them later. */
  noteRunning(): void {
    this.#log.add(this.#minutes.running());
  }

  /** Stores the minutes that are over, and the running ones in case of a restart. */
  save(now: number): void {
    this.#log.add(this.#minutes.drainClosed(now));
    this.#memory.write("minute_marks", this.#minutes.snapshot());
  }
}
