import type { ExchangeName } from "../liquidation.ts";
import type { MarkRow } from "../signals/path-venue.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { ReplayedEvent } from "./replayed-event.ts";

/**
 * The marks of the minute that is not over yet, by venue, as far as liquidations carried them. Live, the feeds store the
 * current state of that minute when a burst is judged; a file has it whole, and so knows the rest of the minute.
 */
export class RunningMarks {
  readonly #symbols = new Map<string, Map<ExchangeName, MarkRow>>();

  add({ symbol, exchange, received_time: time, mark_price: price }: ReplayedEvent): void {
    if (price === null || !(price > 0)) return;
    const minute = floorTo(time, MINUTE_MS);
    let venues = this.#symbols.get(symbol);
    if (venues === undefined) this.#symbols.set(symbol, (venues = new Map()));
    const known = venues.get(exchange);
    const isSame = known?.minute === minute;
    venues.set(exchange, {
      minute,
      exchange,
      high: isSame ? Math.max(known.high, price) : price,
      low: isSame ? Math.min(known.low, price) : price,
      close: price,
    });
  }

  /** The marks of the minute of a time, of each venue whose liquidation carried one; none for a time on the minute. */
  at(symbol: string, time: number): readonly MarkRow[] {
    const marks = [...(this.#symbols.get(symbol)?.values() ?? [])];
    return marks.filter(({ minute }) => minute === floorTo(time, MINUTE_MS) && time > minute);
  }
}
