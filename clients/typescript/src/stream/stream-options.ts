import type { paths } from "../api.d.ts";

type Query = NonNullable<paths["/v1/stream"]["get"]["parameters"]["query"]>;

/** What a stream is asked for: the parameters of `GET /v1/stream`, lists as arrays or with commas. */
export interface StreamOptions extends Omit<Query, "ticket" | "channels" | "symbol" | "exchange"> {
  readonly channels?: string | readonly ("liquidation" | "cascade" | "signal" | "feed" | "totals" | "estimate" | "silence")[];
  readonly symbol?: string | readonly string[];
  readonly exchange?: string | readonly string[];
  /**
   * How far behind the consumer may fall, ms. Frames that have waited longer give way to a `skipped` that names them. Without
   * it this client omits nothing: a consumer that is too slow slows the connection, and then the server omits frames or
   * closes, as `slow` says, and names what it omitted.
   */
  readonly max_lag_ms?: number;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** Gets a ticket before each connection: for pages in browsers, which must not hold a key. */
  readonly ticket?: () => Promise<string>;
  /** Longest time without a byte before the connection counts as lost, ms (default 30,000). */
  readonly silence_ms?: number;
}

/** Where a stream begins: after a frame, at a time that it replays from, or now. */
export interface Beginning {
  readonly lastEventId: string | null;
  /** Start of the replay; null for none. */
  readonly from: number | string | null;
}

/** The query of a connection. A replay that has reached frames with an id is continued after them, without its speed. */
export function queryOf(options: StreamOptions, { lastEventId, from }: Beginning, ticket: string | null): URLSearchParams {
  const given = {
    channels: options.channels,
    symbol: options.symbol,
    exchange: options.exchange,
    side: options.side,
    min_usd: options.min_usd,
    include: options.include,
    slow: options.slow,
    last_event_id: lastEventId ?? undefined,
    from: lastEventId === null ? (from ?? undefined) : undefined,
    speed: lastEventId === null && from !== null ? options.speed : undefined,
    ticket: ticket ?? undefined,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, String(value));
  return query;
}
