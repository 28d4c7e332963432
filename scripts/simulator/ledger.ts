import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";

/** What a reader of the venue's frames must come to, in canonical units. */
export interface LedgerEvent {
  readonly exchange: ExchangeName;
  /** The venue's own identifying fields, joined; an ordinal at the end tells identical twins apart. */
  readonly key: string;
  readonly instrument: string;
  readonly symbol: string;
  readonly position_side: PositionSide;
  readonly event_time: number;
  readonly quantity: number;
  /** Null where the liquidation's own frames do not say it (Bitfinex, where only the mark price can stand in). */
  readonly price: number | null;
  readonly usd_value: number | null;
  /** True where the venue's REST history answers it too, whether a socket received it or not. */
  readonly in_history: boolean;
  /** When the venue published it, whether or not anybody was subscribed; null before. */
  readonly published_time: number | null;
  /** When it was first written to a subscribed socket; null while no socket could have received it. */
  readonly sent_time: number | null;
  /** Times it was put on the wire: repeats and replays count. */
  readonly times_sent: number;
}

export type NewLedgerEvent = Omit<LedgerEvent, "exchange" | "usd_value" | "published_time" | "sent_time" | "times_sent">;

/** The truth about one venue: every liquidation it had to show, and whether anybody was there to hear it. */
export class Ledger {
  readonly #exchange: ExchangeName;
  readonly #events = new Map<string, LedgerEvent>();

  constructor(exchange: ExchangeName) {
    this.#exchange = exchange;
  }

  has(key: string): boolean {
    return this.#events.has(key);
  }

  add(event: NewLedgerEvent): void {
    const usd_value = event.price === null ? null : event.quantity * event.price;
    this.#events.set(event.key, { ...event, exchange: this.#exchange, usd_value, published_time: null, sent_time: null, times_sent: 0 });
  }

  /** @param receivers subscribed sockets the frame was written to; with none the event stays unsent */
  markSent(key: string, now: number, receivers: number): void {
    const event = this.#events.get(key);
    if (event === undefined) return;
    const published = { ...event, published_time: event.published_time ?? now };
    const sent = receivers === 0 ? {} : { sent_time: event.sent_time ?? now, times_sent: event.times_sent + 1 };
    this.#events.set(key, { ...published, ...sent });
  }

  /** What a perfect collector must have: everything that was written to a subscribed socket, each once. */
  sent(): LedgerEvent[] {
    return this.all().filter((event) => event.sent_time !== null);
  }

  /** Also what nobody was there to hear. */
  all(): LedgerEvent[] {
    return [...this.#events.values()];
  }
}
