import type { Endpoints, Exchange, FeedMessage } from "../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../src/liquidation.ts";

/** What a check saw of a venue. Times in ms. */
export interface Observations {
  readonly exchange: Exchange;
  /** The base addresses that were used. */
  readonly endpoints: Endpoints;
  readonly symbols: ReadonlySet<string> | "*";
  readonly startTime: number;
  readonly endTime: number;
  readonly sockets: readonly ObservedSocket[];
  /** The first liquidations in the order received, each once. */
  readonly liquidations: readonly ObservedLiquidation[];
  /** Number of further ones, which were not kept. */
  readonly unkept: number;
  /** Number of liquidations that came again under the same id. */
  readonly repeated: number;
  /** The newest open interest by contract, base units. */
  readonly openInterest: ReadonlyMap<string, number>;
  /** Number of messages by kind. */
  readonly kinds: ReadonlyMap<FeedMessage["kind"], number>;
  readonly rejects: readonly ObservedReject[];
  /** What the venue said when it refused something. */
  readonly errors: readonly string[];
  readonly channels: readonly ObservedChannel[];
  readonly requests: readonly ObservedRequest[];
  readonly instruments: ObservedInstruments;
}

export interface ObservedLiquidation {
  readonly row: VenueLiquidation;
  readonly receivedTime: number;
  readonly marks: MarksAround;
}

/** Mark prices of a contract before, at and after a liquidation's receipt; null where there is none near. */
export interface MarksAround {
  readonly before: number | null;
  readonly at: number | null;
  readonly after: number | null;
}

export interface MarkPoint {
  readonly time: number;
  readonly price: number;
}

export interface ObservedSocket {
  readonly name: string;
  readonly role: "liquidations" | "market";
  /** Host of the address, without path and query, which may hold a token. */
  readonly host: string;
  /** Number of connections that the venue accepted. */
  readonly opened: number;
  /** Number of connections that delivered: confirmed, and with a control stream. */
  readonly flowed: number;
  /** Why connections ended before the check did. */
  readonly ends: readonly string[];
  readonly frames: number;
  readonly bytes: number;
  readonly wanted: readonly string[];
  readonly confirmed: readonly string[];
  /** Topics of single contracts that the venue refused, with its reason. */
  readonly refused: readonly string[];
  readonly controlTimeoutMs: number;
  /** The longest time without a message of the control stream, while open. */
  readonly longestSilenceMs: number;
  /** Null where the client sends nothing by itself. */
  readonly keepaliveMs: number | null;
  /** Answers to our pings, pings of the venue in its protocol, and those of the WebSocket protocol. */
  readonly pongs: number;
  readonly replies: number;
  readonly pings: number;
}

export interface ObservedReject {
  readonly reason: string;
  readonly count: number;
  /** The beginning of the first text. */
  readonly text: string;
}

/** A row of the venue's evidence table. */
export interface ObservedChannel {
  readonly channel: string;
  readonly source: string;
  /** Number of frames that name it, or of requests for it; null where no frame names it. */
  readonly count: number | null;
  /** Why it failed, for a request. */
  readonly error: string | null;
}

export interface ObservedRequest {
  readonly what: string;
  /** Host and the path behind the base address, without the query. */
  readonly address: string;
  readonly messages: number;
  readonly error: string | null;
}

export interface ObservedInstruments {
  readonly count: number;
  /** Why the venue's table could not be read; null where it was. */
  readonly error: string | null;
  /** Built-in contracts whose size differs from the venue's table. */
  readonly different: readonly string[];
  /** Number of built-in contracts that the venue's table has. */
  readonly compared: number;
}

/** Whether something that is said of the venue agrees with what came; "not reached" where the venue accepted no connection. */
export type Verdict = "seen" | "contradicted" | "not seen" | "not reached";

export interface Claim {
  readonly about: string;
  readonly claim: string;
  readonly verdict: Verdict;
  /** The numbers behind the verdict. */
  readonly detail: string;
}
