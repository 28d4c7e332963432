import type { AdlSource, AdlState } from "../adl/adl-state.ts";
import type { Coverage, ExchangeName, VenueLiquidation } from "../liquidation.ts";
import type { LocationHint } from "../location-hint.ts";
import type { PolledKind } from "../market/polled-kind.ts";

/**
 * The interface of a venue adapter: data and pure functions. The network, the clock and any state that outlives a
 * socket belong to the caller.
 */
export interface Exchange {
  readonly name: ExchangeName;
  /** Earlier names, under which others may still list it. */
  readonly formerNames?: readonly string[];
  /** Title for documents, with the covered market: "Binance USD-M futures". */
  readonly title: string;
  readonly coverage: Coverage;
  /** The coverage of its feed and the kind of its price, one sentence each, for documents. */
  readonly carries: string;
  readonly endpoints: DefaultEndpoints;
  /** The page on which the venue announces changes of its API, watched by default; null where none is known. */
  readonly changeLog: string | null;
  /** The problem of a configured address, as announced by the venue; null where none is known. */
  addressWarning?(endpoints: Endpoints): string | null;
  /** Whether the venue is collected unless `LIQUIDATION_EXCHANGES` says otherwise. */
  readonly collectedByDefault: boolean;
  /** Whether its feed is by default in one Durable Object with those of the other venues that say so. */
  readonly sharesObject?: boolean;
  /** Default placement of its object: venues refuse some countries. */
  readonly locationHint: LocationHint;
  /** Raise it whenever this adapter reads a frame differently than before. */
  readonly adapterVersion: number;
  /** Time resolution of the venue's feed, ms (push interval or sampling period). */
  readonly lagResolutionMs: number;
  /**
   * What a customer of the lowest tier pays for a taker order on a USDT perpetual, bps of its value, without discounts for
   * holding the venue's coin. `LIQUIDATION_TAKER_FEES_BPS` replaces it. Null where no evidence of it was found: such a
   * venue's marks grade no decision.
   */
  readonly takerFeeBps: number | null;
  /** If the venue publishes events in batches under one time: the length of a batch, ms. */
  readonly batchMs?: number;
  /** More than one liquidation can be worth there, in USD: a row beyond it is refused. */
  readonly maxLiquidationUsd: number;
  /** Instruments for BTC, ETH and SOL, used until the venue's REST table is loaded, or if it cannot be. */
  readonly fallbackInstruments: readonly Instrument[];
  /**
   * Loads the venue's current table of perpetual contracts. Throws where the venue refuses or returns an invalid
   * response.
   */
  loadInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]>;
  /** The sockets to hold open for a scope. The first one carries the liquidations, if the venue has them. */
  sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[];
  /**
   * Creates a decoder for one socket session; its state (channel numbers, ticker deltas) is discarded with the session.
   */
  createDecoder(scope: Scope): Decoder;
  /** Parses the text of a `book_text` message; null where it is not a book. Levels are in the venue's own units. */
  readBook?(text: string): BookLevels | null;
  /** The market data that its streams lack and that is polled over REST. */
  polls?(scope: Scope, endpoints: Endpoints): readonly MarketPoll[];
  /** Liquidations of a past range over REST, if the venue has such an endpoint. */
  readonly backfill?: Backfill;
  /** By what the venue publishes its auto-deleveraging, in `adl` messages; absent where it does not. */
  readonly adlSource?: AdlSource;
  /** How to ask whether a topic with liquidations exists by now, for venues that publish none. */
  readonly probe?: FeedProbe;
  /**
   * Infers liquidations from other data of the venue; runs only if `<VENUE>_INFERRED` is set.
   * @param refused called with every inferred liquidation that is implausible
   */
  createInferrer?(instrumentOf: InstrumentOf, refused?: (reject: Reject) => void): Inferrer;
}

/** Sends an HTTP request and returns the parsed JSON body. Throws on a status that is not 2xx, naming it. */
export type RequestJson = (url: string, options?: { readonly method?: "GET" | "POST" }) => Promise<unknown>;

/** Base URLs from the configuration, http or https, without a trailing slash. */
export interface Endpoints {
  readonly ws: string;
  readonly rest: string;
}

/** The default addresses of a venue's configuration variables (`venueVariables`). */
export interface DefaultEndpoints extends Endpoints {
  /** Name of the variable of `ws`, if it is not `<VENUE>_WS_URL`. */
  readonly wsVariable?: string;
}

/** The configured scope of collection. */
export interface Scope {
  /** Base assets, upper case, or `*` for all. */
  readonly symbols: ReadonlySet<string> | "*";
  /** The instrument table by the venue's own name, including the fallback where REST failed. */
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** True where liquidations are also inferred, which may need more subscriptions. */
  readonly inferred?: boolean;
}

export interface Instrument {
  /** Name on the venue. */
  readonly instrument: string;
  /** Base asset without multiplier: BTC, PEPE. */
  readonly symbol: string;
  /** USDT, USDC or USD. */
  readonly quote: string;
  /**
   * Base units per unit of the venue: 1000 for 1000PEPE, otherwise 1. The price is divided and the quantity multiplied
   * by it.
   */
  readonly scale: number;
  /**
   * The value of one unit of the venue's size: `base` coins per contract (1 where sizes are in coins; in venue units,
   * before `scale`), or `usd` per contract for inverse contracts. Null where unknown.
   */
  readonly contract: { readonly kind: "base"; readonly size: number | null } | { readonly kind: "inverse"; readonly usd: number | null };
  /** True while the instrument is trading. */
  readonly trading: boolean;
}

export interface SocketPlan {
  /** Short and stable: the name of the socket in status, logs and gaps (`market`, `public`, `linear`). */
  readonly name: string;
  /** `liquidations`: its silence is a gap. `market`: its silence only makes market fields null. */
  readonly role: "liquidations" | "market";
  /** Returns the http(s) URL to open with `Upgrade: websocket`; a venue with a token handshake does it here. */
  address(request: RequestJson, connectId: string): Promise<SocketAddress>;
  /** True where the venue speaks first (`welcome`) and subscribing must wait for it. */
  readonly waitForWelcome: boolean;
  /** Frames to send once the socket is open (or welcomed), in order. */
  readonly subscribe: readonly string[];
  /** Topics that the address subscribes to, without a frame. */
  readonly topicsInAddress?: readonly string[];
  /**
   * The subscriptions to liquidations that the venue must confirm before the socket counts as live, as named in
   * `subscribed` and `subscriptions`. Empty where it confirms none.
   */
  readonly confirmations: ReadonlySet<string>;
  /** The topics of single contracts, where the venue has such topics: one that it refuses stops none of the others. */
  readonly topics?: ContractTopics;
  /**
   * The confirmed topic with a channel that has its own heartbeats, or trades so frequent that they are some: without one for
   * `heartbeatTimeoutMs` the socket is stale.
   */
  readonly heartbeatTopic?: string;
  /** By default `controlTimeoutMs`. */
  readonly heartbeatTimeoutMs?: number;
  /** Maximum time between two lists of its subscriptions that the venue sends once it has sent one, ms. Default: 60 s. */
  readonly listTimeoutMs?: number;
  /** Adds the time of sending (ms) to a frame, for venues that require it in every one. */
  stamp?(frame: string, now: number): string;
  /** Minimum time between two sent frames, ms. */
  readonly sendIntervalMs: number;
  readonly keepalive: Keepalive | null;
  /** The kinds of messages that prove delivery; without any for `controlTimeoutMs` the socket is `stale`. */
  readonly control: ReadonlySet<FeedMessage["kind"]>;
  readonly controlTimeoutMs: number;
  /** The venue closes sessions older than this; a successor is opened well before. Null where no limit is known. */
  readonly maxAgeMs: number | null;
}

export interface ContractTopics {
  /** The contract (`Instrument.instrument`) of each topic. Those in `confirmations` carry its liquidations. */
  readonly contracts: ReadonlyMap<string, string>;
  /** Maximum number of topics in one request; null where the address or `subscribe` requests all of them already. */
  readonly perRequest: number | null;
  /** A request for some topics; `count` rises by one each time within a session. */
  request(count: number, topics: readonly string[]): TopicRequest;
  /**
   * The frames that end and repeat the subscription to the book of a contract, for a new snapshot; `count` as for
   * `request`. Absent where only a new session gives one.
   */
  renewBook?(count: number, contract: string): readonly string[];
}

export interface TopicRequest {
  /** The id that a response repeats. */
  readonly id: string;
  readonly frame: string;
}

export interface SocketAddress {
  readonly url: string;
  /** Sent with the upgrade, for venues whose format depends on them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the keepalive interval of the plan, if the handshake states one. */
  readonly keepaliveIntervalMs?: number;
}

export interface Keepalive {
  readonly intervalMs: number;
  /** Returns the frame to send; `count` rises by one each time within a session. */
  frame(count: number): string;
}

/** One frame of a venue, as received. */
export interface ReceivedFrame {
  readonly text: string;
  /** ms */
  readonly receivedTime: number;
  /** The name of its socket; `rest` for a response of the REST history. */
  readonly socket: string;
  /** Different for every connection; the address of the request for a response. */
  readonly connection: string;
}

/** Reads the frames of one socket session, in order. Never throws: an unreadable frame becomes a `reject`. */
export interface Decoder {
  /**
   * @param text one frame as text (binary frames are decoded as UTF-8, after gzip where they are compressed)
   * @param receivedTime time of arrival, ms
   */
  decode(text: string, receivedTime: number): readonly FeedMessage[];
}

/**
 * A message of a frame. Prices are in quote per base unit and quantities in base units, both rescaled by
 * `Instrument.scale`; only book levels stay in the venue's units, because most are never read.
 */
export type FeedMessage =
  | { readonly kind: "liquidation"; readonly liquidation: VenueLiquidation }
  /**
   * A row about a liquidation that is not an event of its own; kept as detail. The `event_id` of any event that it
   * belongs to begins with `eventIdPrefix`.
   */
  | { readonly kind: "execution"; readonly eventIdPrefix: string; readonly time: number; readonly text: string }
  /**
   * A liquidation outside the scope or of a kind that is not collected (other symbols, spot margin). It is only
   * counted.
   */
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "mark"; readonly instrument: string; readonly price: number; readonly time: number }
  | { readonly kind: "index"; readonly instrument: string; readonly price: number }
  /** The rate per funding interval. */
  | { readonly kind: "funding"; readonly instrument: string; readonly rate: number }
  | { readonly kind: "funding_interval"; readonly instrument: string; readonly intervalMs: number }
  /** Open interest of one side, in base units. */
  | { readonly kind: "open_interest"; readonly instrument: string; readonly quantity: number }
  /** What was traded in the last 24 hours, counted once per trade. */
  | { readonly kind: "turnover"; readonly instrument: string; readonly usd: number }
  | { readonly kind: "quote"; readonly instrument: string; readonly bid: number; readonly ask: number }
  | {
      readonly kind: "book";
      readonly instrument: string;
      readonly action: "snapshot" | "delta";
      readonly bids: readonly BookLevel[];
      readonly asks: readonly BookLevel[];
      readonly sequence: number | null;
      /** The number of the update before, where the venue names it. */
      readonly previousSequence?: number;
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
  /**
   * What the venue publishes of the auto-deleveraging of a contract; null for what it does not publish. It stands for `validMs`,
   * unless it is published again.
   */
  | {
      readonly kind: "adl";
      readonly instrument: string;
      readonly state: AdlState | null;
      /** Balance of the insurance fund, in the currency, which is null where the venue does not name it. */
      readonly insuranceFund: number | null;
      readonly currency: string | null;
      readonly time: number;
      readonly validMs: number;
    }
  /** The venue says that the channel of this topic is alive although nothing happened. */
  | { readonly kind: "heartbeat"; readonly topic: string; readonly time: number }
  | { readonly kind: "welcome" }
  /** The topic of a subscription that the venue confirms, or the id of a request for several. */
  | { readonly kind: "subscribed"; readonly topic: string }
  /** All subscriptions of the socket, according to the venue: topics that are missing here are not subscribed. */
  | { readonly kind: "subscriptions"; readonly topics: readonly string[] }
  | TopicRefusal
  | { readonly kind: "pong" }
  /** The venue waits for this frame, for instance the answer to its ping; it is sent at once. */
  | { readonly kind: "reply"; readonly frame: string }
  /** The venue rejected something (an unknown topic, a limit). */
  | { readonly kind: "error"; readonly message: string }
  /** The venue asks for a new connection. */
  | { readonly kind: "reconnect"; readonly reason: string }
  /** Malformed, unknown or implausible: counted, and the first few are kept with their text. */
  | Reject;

export interface Reject {
  readonly kind: "reject";
  readonly reason: string;
  readonly text: string;
}

/** The venue refused a request for topics, and with it all topics of the request that it does not name. */
export interface TopicRefusal {
  readonly kind: "refused";
  readonly request: string;
  readonly reason: string;
  /** The topics that it named as the reason; none where it did not say. */
  readonly unknown: readonly string[];
  /** The topics that it named as subscribed already. */
  readonly held: readonly string[];
}

/** `[price, size]` in the venue's own units and spelling; in a delta, size 0 deletes the level. */
export type BookLevel = readonly [price: string | number, size: string | number];

export interface BookLevels {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** Finds a contract of the current table by the venue's own name. */
export type InstrumentOf = (name: string) => Instrument | undefined;

/** Receives the messages of all sockets of a venue in the order received; it ignores those it does not need. */
export interface Inferrer {
  /** @returns liquidations that this message makes likely; their trades were received a little earlier */
  observe(message: FeedMessage, receivedTime: number): readonly VenueLiquidation[];
}

export interface Backfill {
  /** Reach of the history, ms. */
  readonly reachMs: number;
  /** Minimum time between two requests, ms. */
  readonly requestIntervalMs: number;
  /** The URL of one request per group of instruments; the caller handles paging with `next`. */
  requests(scope: Scope, endpoints: Endpoints, from: number, to: number): readonly string[];
  /** Reads one response into the same messages as the stream, so that both have the same `event_id`. */
  read(body: unknown, scope: Scope): readonly FeedMessage[];
  /** The URL of the next page, or null on the last one. */
  next(url: string, body: unknown, from: number): string | null;
}

/** One REST request that is repeated for market data. */
export interface MarketPoll {
  /** What it asks for, the same for all contracts: the name in status and logs. */
  readonly what: PolledKind;
  /** The contracts it is about, for status. */
  readonly contracts: readonly string[];
  readonly url: string;
  readonly intervalMs: number;
  /** Reads a response, which may be anything. */
  read(text: string, receivedTime: number): readonly FeedMessage[];
}

/** How to ask a venue that publishes no liquidations whether it does by now. Data and pure functions. */
export interface FeedProbe {
  /** Name of the venue in status and configuration. */
  readonly venue: string;
  /** Title for documents, with the market: "MEXC futures". */
  readonly title: string;
  /** Default base address, http or https. */
  readonly url: string;
  /** Returns the http(s) URL to open with `Upgrade: websocket`. */
  address(request: RequestJson, url: string, connectId: string): Promise<SocketAddress>;
  /** True where the venue speaks first and subscribing must wait for it. */
  readonly waitForWelcome: boolean;
  /** A subscription that the venue is known to accept: without its acceptance a refusal proves nothing. */
  readonly control: ProbeTopic;
  /** Likely spellings of a topic with all liquidations, in the order in which they are asked for. */
  readonly candidates: readonly ProbeTopic[];
  /** Reads one frame, which may be anything. Never throws. */
  read(text: string): ProbeMessage;
}

export interface ProbeTopic {
  readonly topic: string;
  /** The frame that subscribes to it. */
  readonly frame: string;
}

/** A frame of a probed venue. A null topic stands for the one that was asked for last. */
export type ProbeMessage =
  | { readonly kind: "welcome" }
  | { readonly kind: "accepted"; readonly topic: string | null }
  | { readonly kind: "refused"; readonly topic: string | null; readonly reason: string }
  /** The venue waits for this frame, such as the answer to its ping. */
  | { readonly kind: "reply"; readonly frame: string }
  | { readonly kind: "other" };
