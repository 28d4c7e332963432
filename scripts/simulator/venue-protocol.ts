import type { ExchangeName } from "../../src/liquidation.ts";
import type { Connection } from "./connection.ts";
import type { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";

export interface HttpReply {
  readonly status: number;
  readonly body: unknown;
}

export interface RestRequest {
  readonly method: string;
  readonly url: URL;
}

/** The headers of an upgrade, names in lower case. */
export type UpgradeHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type Upgrade<S> = { readonly session: S } | { readonly refused: HttpReply };

export interface ReceivedFrame {
  readonly connection: number;
  readonly path: string;
  readonly text: string;
  readonly time: number;
}

/** What a venue's protocol may ask of the server under it. */
export interface VenueSessions<S> {
  readonly connections: ReadonlySet<Connection<S>>;
  readonly origin: string;
}

/** What a venue does with subscriptions to liquidations: `ignored` says nothing and sends none of them. */
export const LIQUIDATION_SERVICES = ["served", "ignored", "refused"] as const;
export type LiquidationService = (typeof LIQUIDATION_SERVICES)[number];

/** What a venue's file provides: its sessions, its answers and what it pushes. `S` is one socket's state. */
export interface VenueProtocol<S> {
  readonly name: ExchangeName;
  readonly ledger: Ledger;
  /** Paths appended to the server's origin for the collector's configuration. */
  readonly paths: { readonly ws: string; readonly rest: string };
  /** How new subscriptions to liquidations fare. */
  service: LiquidationService;
  /** Contracts that its table lists, but that new subscriptions do not get. */
  unlisted: ReadonlySet<string>;
  /** Number of liquidations that are published later; absent where the venue holds none back for longer than a second. */
  readonly waiting?: number;
  /** Registers what the venue does by the clock. */
  start(server: VenueSessions<S>): void;
  upgrade(url: URL, now: number, headers: UpgradeHeaders): Upgrade<S>;
  opened(connection: Connection<S>, now: number): void;
  message(connection: Connection<S>, text: string, now: number): void;
  closed(connection: Connection<S>): void;
  rest(request: RestRequest, now: number): HttpReply;
  /** A liquidation happened on this venue. */
  accept(liquidation: MarketLiquidation): void;
  /** Ends all subscriptions to liquidations, and says so unless `silently` or the venue never does. */
  withdraw(silently: boolean): void;
  /** Shows the last liquidations once more to everyone subscribed. */
  replay(now: number): void;
}

export const notFound: HttpReply = { status: 404, body: { code: 404, msg: "not found" } };

/** A frame as JSON, or undefined where it is none: venues answer that with an error of their own. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fields of a JSON object; no fields where it is something else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
