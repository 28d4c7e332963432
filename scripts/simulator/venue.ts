import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import type { LedgerEvent } from "./ledger.ts";
import type { VenueMarket } from "./market.ts";
import type { Random } from "./random.ts";
import type { VenueTimer } from "./scheduler.ts";
import type { LiquidationService, ReceivedFrame } from "./venue-protocol.ts";

/** What every venue is given. */
export interface VenueContext {
  readonly scheduler: VenueTimer;
  readonly market: VenueMarket;
  /** The venue's own noise. */
  readonly random: Random;
}

export interface LiquidationOrder {
  readonly symbol: string;
  readonly side: PositionSide;
  readonly usd: number;
  /** 2 for two identical orders in one instant. */
  readonly copies?: number;
}

/** What a refusal says beside its status. */
export interface RefusalAnswer {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One running venue and what a test may do to it. */
export interface Venue {
  readonly name: ExchangeName;
  /** http addresses, as the collector's configuration wants them. */
  readonly urls: { readonly ws: string; readonly rest: string };
  connections(): number;
  /** Sockets opened since the start. */
  connectCount(): number;
  /** Ends all sockets: with a close frame where a code is given, else by cutting the stream (1006 for the client). */
  dropAll(code?: number): void;
  /** Stays connected and answers, but sends no data. */
  stall(on: boolean): void;
  /** Refuses new sockets and REST with this status, and the headers and body given; null ends it. */
  refuse(status: number | null, answer?: RefusalAnswer): void;
  /** Takes new connections and never answers their upgrade; false ends it. */
  hang(on: boolean): void;
  /** Leaves all sockets half open: nothing is sent on them or read from them any more, and they are not closed. */
  halfOpen(): void;
  /** Sets the venue's clock ahead by so many ms, behind where negative. */
  skew(ms: number): void;
  /** How new subscriptions to liquidations fare from now on. */
  serveLiquidations(service: LiquidationService): void;
  /** The contracts that new subscriptions do not get from now on. */
  unlist(contracts: readonly string[]): void;
  /** Ends all subscriptions to liquidations, and says so unless `silently` or the venue never does. */
  withdrawLiquidations(silently: boolean): void;
  /** Sends a raw frame to all sockets, or to those whose path begins so; a Buffer goes as a binary frame. */
  send(frame: string | Buffer, path?: string): void;
  replayNow(): void;
  liquidate(order: LiquidationOrder): void;
  /** Number of liquidations that it publishes later. */
  waiting(): number;
  /** What a perfect collector must have. */
  sent(): LedgerEvent[];
  /** Also liquidations that no socket received. */
  ledger(): LedgerEvent[];
  /** The last client frames, oldest first. */
  received(): readonly ReceivedFrame[];
  stop(): Promise<void>;
}
