import type { Coverage, ExchangeName, VenueLiquidation } from "../liquidation.ts";
import type { LocationHint } from "../location-hint.ts";

/**
 * What a venue's file provides. Data and pure functions: the network, the clock and all state that outlives a
 * socket belong to the caller.
 */
export interface Exchange {
  readonly name: ExchangeName;
  /** The venue's name and what it covers here, for prose: "Binance USD-M futures". */
  readonly title: string;
  readonly coverage: Coverage;
  /** What its feed carries and what its price is, one sentence each, for prose. */
  readonly carries: string;
  readonly endpoints: DefaultEndpoints;
  /** What is wrong with a configured address, as far as the venue has announced it; null where nothing is known to be. */
  addressWarning?(endpoints: Endpoints): string | null;
  /** Where its object is placed unless configured otherwise: venues refuse some countries. */
  readonly locationHint: LocationHint;
  /** Raised whenever this adapter reads a frame differently than before. */
  readonly adapterVersion: number;
  /** What the venue's feed can resolve in time at best, in ms (push interval or sampling period). */
  readonly lagResolutionMs: number;
  /** Where the venue tells in one frame, under one time, of all that happened this long before it, in ms. */
  readonly batchMs?: number;
  /** More than one liquidation can be worth there, in USD: a row beyond it is refused. */
  readonly maxLiquidationUsd: number;
  /** Instruments for BTC, ETH and SOL, used until (or where) the venue's REST table cannot be had. */
  readonly fallbackInstruments: readonly Instrument[];
  /** The venue's current table of perpetual contracts. Throws where the venue refuses or answers nonsense. */
  loadInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]>;
  /** The sockets to hold open for this scope. The first one carries the liquidations where the venue has them. */
  sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[];
  /** A decoder for one socket session; its state (channel numbers, ticker deltas) dies with the session. */
  createDecoder(scope: Scope): Decoder;
  /** Parses the text of a `book_text` update; null where it is no book. Levels are in the venue's own units. */
  readBook?(text: string): BookLevels | null;
  /** Liquidations of a past stretch over REST, where the venue has such a route. */
  readonly backfill?: Backfill;
  /** Asks whether a liquidation topic exists by now, for venues that publish none. */
  readonly probe?: TopicProbe;
  /** Estimates liquidations from what the venue does publish; runs only where `<VENUE>_INFERRED` asks for it. */
  createInferrer?(instrumentOf: (name: string) => Instrument | undefined): Inferrer;
}

/** Sends an HTTP request and gives the parsed JSON body. Throws on a status that is not 2xx, naming it. */
export type RequestJson = (url: string, options?: { readonly method?: "GET" | "POST" }) => Promise<unknown>;

/** Base addresses from the configuration, http or https, without a trailing slash. */
export interface Endpoints {
  readonly ws: string;
  readonly rest: string;
}

/** The addresses that a venue's configuration variables stand for unless set (`venueVariables`). */
export interface DefaultEndpoints extends Endpoints {
  /** The variable of `ws`, where it is not `<VENUE>_WS_URL`. */
  readonly wsVariable?: string;
}

/** What the collector was asked to watch. */
export interface Scope {
  /** Base assets, upper case, or `*` for all. */
  readonly symbols: ReadonlySet<string> | "*";
  /** The instrument table by the venue's own name, already including the fallback where REST failed. */
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** True where liquidations are to be inferred too, for which a venue may have to be asked for more. */
  readonly inferred?: boolean;
}

export interface Instrument {
  /** The venue's own name. */
  readonly instrument: string;
  /** Base asset without multiplier: BTC, PEPE. */
  readonly symbol: string;
  /** USDT, USDC or USD. */
  readonly quote: string;
  /** Base units in one unit the venue names: 1000 for 1000PEPE, else 1. Price is divided, quantity multiplied by it. */
  readonly scale: number;
  /**
   * What one unit of the venue's size is: `base` coins per contract (1 where sizes are coins; venue units, before
   * `scale`), or `usd` per contract for inverse contracts. Null where unknown.
   */
  readonly contract: { readonly kind: "base"; readonly size: number | null } | { readonly kind: "inverse"; readonly usd: number | null };
  /** True while the venue trades it. */
  readonly trading: boolean;
}

export interface SocketPlan {
  /** Short and stable: it names the socket in status, logs and gaps (`market`, `public`, `linear`). */
  readonly name: string;
  /** `liquidations`: its silence is a gap. `market`: its silence only makes market fields null. */
  readonly role: "liquidations" | "market";
  /** The http(s) address to open with `Upgrade: websocket`; a venue with a token handshake does it here. */
  address(request: RequestJson, connectId: string): Promise<SocketAddress>;
  /** True where the venue speaks first (`welcome`) and subscribing must wait for it. */
  readonly waitForWelcome: boolean;
  /** Frames to send once open (or welcomed), in order. */
  readonly subscribe: readonly string[];
  /**
   * What the venue has to confirm before the socket counts as live, as `subscribed` and `subscriptions` name it: the
   * liquidations. Empty where it confirms none.
   */
  readonly confirmations: ReadonlySet<string>;
  /** The confirmed topic whose channel has heartbeats of its own: without one for `controlTimeoutMs` it is stale. */
  readonly heartbeatTopic?: string;
  /** Least time between two frames sent, in ms. */
  readonly sendIntervalMs: number;
  readonly keepalive: Keepalive | null;
  /** Which readings prove that the venue still delivers; nothing of the kind for `controlTimeoutMs` is `stale`. */
  readonly control: ReadonlySet<Reading["kind"]>;
  readonly controlTimeoutMs: number;
  /** The venue cuts sessions older than this; a successor is opened well before. Null where no limit is known. */
  readonly maxAgeMs: number | null;
}

export interface SocketAddress {
  readonly url: string;
  /** Overrides the plan's keepalive interval where the handshake names one. */
  readonly keepaliveIntervalMs?: number;
}

export interface Keepalive {
  readonly intervalMs: number;
  /** The frame to send; `count` rises by one each time within a session. */
  frame(count: number): string;
}

/** Reads the frames of one socket session, in order. Never throws: what cannot be read is a `reject`. */
export interface Decoder {
  /**
   * @param text one frame as text (binary frames are decoded as UTF-8 before)
   * @param receivedTime ms, when the frame arrived
   */
  decode(text: string, receivedTime: number): readonly Reading[];
}

/**
 * What a frame says. Prices are in quote per base unit and quantities in base units, both already rescaled by
 * `Instrument.scale`; book levels alone stay in the venue's units, since most are never looked at.
 */
export type Reading =
  | { readonly kind: "liquidation"; readonly liquidation: VenueLiquidation }
  /**
   * A further row about a liquidation that is not an event of its own; kept as detail. The `event_id` of any event that
   * it belongs to begins with `eventIdPrefix`.
   */
  | { readonly kind: "execution"; readonly eventIdPrefix: string; readonly time: number; readonly text: string }
  /** A liquidation outside the scope or of a kind that is not ours (other symbols, spot margin). Only counted. */
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "mark"; readonly instrument: string; readonly price: number; readonly time: number }
  | { readonly kind: "index"; readonly instrument: string; readonly price: number }
  | { readonly kind: "funding"; readonly instrument: string; readonly rate: number }
  /** Open interest in base units. */
  | { readonly kind: "open_interest"; readonly instrument: string; readonly quantity: number }
  | { readonly kind: "quote"; readonly instrument: string; readonly bid: number; readonly ask: number }
  | {
      readonly kind: "book";
      readonly instrument: string;
      readonly action: "snapshot" | "delta";
      readonly bids: readonly BookLevel[];
      readonly asks: readonly BookLevel[];
      readonly sequence: number | null;
    }
  /** A whole book as unparsed text, for `readBook`: only the last one before an event is ever parsed. */
  | { readonly kind: "book_text"; readonly instrument: string; readonly text: string }
  | {
      readonly kind: "trade";
      readonly instrument: string;
      readonly side: "buy" | "sell";
      readonly price: number;
      readonly quantity: number;
      readonly takerOrderId: string;
      readonly tradeId: string;
      readonly time: number;
    }
  /** The venue says that the channel of this topic is alive although nothing happened. */
  | { readonly kind: "heartbeat"; readonly topic: string; readonly time: number }
  | { readonly kind: "welcome" }
  | { readonly kind: "subscribed"; readonly topic: string }
  /** All that the socket is subscribed to, by the venue's own list: what is missing from it is not subscribed. */
  | { readonly kind: "subscriptions"; readonly topics: readonly string[] }
  | { readonly kind: "pong" }
  /** The venue refused something (an unknown topic, a limit). */
  | { readonly kind: "error"; readonly message: string }
  /** The venue asks us to open a new connection. */
  | { readonly kind: "reconnect"; readonly reason: string }
  /** Malformed or unknown: counted, the first few are kept with their text. */
  | { readonly kind: "reject"; readonly reason: string; readonly text: string };

/** `[price, size]` in the venue's own units and spelling; size 0 deletes the level in a delta. */
export type BookLevel = readonly [price: string | number, size: string | number];

export interface BookLevels {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** Fed with the readings of all of a venue's sockets in the order received; what it cannot use it passes over. */
export interface Inferrer {
  /** @returns liquidations that this reading makes likely; their trades were received a little before */
  observe(reading: Reading, receivedTime: number): readonly VenueLiquidation[];
}

export interface Backfill {
  /** How far back the route reaches, in ms. */
  readonly reachMs: number;
  /** Least time between two requests, in ms. */
  readonly requestIntervalMs: number;
  /** One request's address per instrument group; paging is the caller's, by `next`. */
  requests(scope: Scope, endpoints: Endpoints, from: number, to: number): readonly string[];
  /** Reads one answer into the same readings as the stream, so that both collapse by `event_id`. */
  read(body: unknown, scope: Scope): readonly Reading[];
  /** The next page's address, or null where this was the last. */
  next(url: string, body: unknown, from: number): string | null;
}

export interface TopicProbe {
  readonly intervalMs: number;
  /** Frames that try to subscribe to candidate topics on the running socket. */
  readonly frames: readonly string[];
  /** The candidate topic that an answer accepts, or null: an error (`topic does not exist`) accepts nothing. */
  accepted(text: string): string | null;
}
