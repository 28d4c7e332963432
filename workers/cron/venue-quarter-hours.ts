import type { ExchangeName } from "../../src/liquidation.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { QUARTER_HOUR_MS } from "../../src/windows/quarter-hour.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { VenueDay } from "../d1/quarter-hour-reads.ts";

interface Day {
  readonly exchange: ExchangeName;
  readonly day: number;
  readonly usd: (number | null)[];
}

/** The USD of each venue by quarter-hour, over all base assets, in days as D1 stores them. */
export class VenueQuarterHours {
  readonly #days = new Map<string, Day>();

  constructor(stored: readonly VenueDay[]) {
    for (const { exchange, day, usd } of stored) this.#days.set(`${day} ${exchange}`, { exchange, day, usd: [...usd] });
  }

  /** Sets a range to a measured zero. */
  clear({ start, end }: TimeRange, exchanges: readonly ExchangeName[]): void {
    for (const exchange of exchanges) for (let at = start; at < end; at += QUARTER_HOUR_MS) this.#set(exchange, at, () => 0);
  }

  add(exchange: ExchangeName, quarterHour: number, usd: number): void {
    this.#set(exchange, quarterHour, (known) => (known ?? 0) + usd);
  }

  days(): readonly VenueDay[] {
    return [...this.#days.values()];
  }

  #set(exchange: ExchangeName, quarterHour: number, to: (known: number | null) => number): void {
    const day = floorTo(quarterHour, DAY_MS);
    const key = `${day} ${exchange}`;
    const usd = this.#days.get(key)?.usd ?? [];
    const index = (quarterHour - day) / QUARTER_HOUR_MS;
    while (usd.length < index) usd.push(null);
    usd[index] = to(usd[index] ?? null);
    this.#days.set(key, { exchange, day, usd });
  }
}
