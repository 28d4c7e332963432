import type { ExchangeName } from "../../src/liquidation.ts";
import { Aster, type AsterOptions } from "./aster.ts";
import { Binance, type BinanceOptions } from "./binance.ts";
import { Bitfinex, type BitfinexOptions } from "./bitfinex.ts";
import { Bitget, type BitgetOptions } from "./bitget.ts";
import { Bitmex, type BitmexOptions } from "./bitmex.ts";
import { Bybit, type BybitOptions } from "./bybit.ts";
import { Deribit, type DeribitOptions } from "./deribit.ts";
import { Gate, type GateOptions } from "./gate.ts";
import { Htx, type HtxOptions } from "./htx.ts";
import { Kucoin, type KucoinOptions } from "./kucoin.ts";
import { Lighter, type LighterOptions } from "./lighter.ts";
import type { MarketLiquidation } from "./market.ts";
import { Okx, type OkxOptions } from "./okx.ts";
import { startVenue } from "./venue-server.ts";
import type { Venue, VenueContext } from "./venue.ts";
import type { VenueProtocol } from "./venue-protocol.ts";

/** Each venue's own times and habits; what is not given is as on the live venue. */
export interface VenueOptions {
  readonly binance?: Partial<BinanceOptions>;
  readonly bybit?: Partial<BybitOptions>;
  readonly okx?: Partial<OkxOptions>;
  readonly kucoin?: Partial<KucoinOptions>;
  readonly bitfinex?: Partial<BitfinexOptions>;
  readonly deribit?: Partial<DeribitOptions>;
  readonly bitmex?: Partial<BitmexOptions>;
  readonly aster?: Partial<AsterOptions>;
  readonly lighter?: Partial<LighterOptions>;
  readonly gate?: Partial<GateOptions>;
  readonly bitget?: Partial<BitgetOptions>;
  readonly htx?: Partial<HtxOptions>;
}

/** A venue that exists and does not listen yet. */
export interface SimulatedVenue {
  accept(liquidation: MarketLiquidation): void;
  /** @param context with a new source of noise, for the server */
  listen(context: VenueContext, port: number): Promise<Venue>;
}

/** Every simulated venue: one for each that the collector knows. */
export const simulators: {
  readonly [Name in ExchangeName]: (context: VenueContext, options: VenueOptions[Name]) => SimulatedVenue;
} = {
  binance: (context, options = {}) => simulated(new Binance(context, options)),
  bybit: (context, options = {}) => simulated(new Bybit(context, options)),
  okx: (context, options = {}) => simulated(new Okx(context, options)),
  kucoin: (context, options = {}) => simulated(new Kucoin(context, options)),
  bitfinex: (context, options = {}) => simulated(new Bitfinex(context, options)),
  deribit: (context, options = {}) => simulated(new Deribit(context, options)),
  bitmex: (context, options = {}) => simulated(new Bitmex(context, options)),
  aster: (context, options = {}) => simulated(new Aster(context, options)),
  lighter: (context, options = {}) => simulated(new Lighter(context, options)),
  gate: (context, options = {}) => simulated(new Gate(context, options)),
  bitget: (context, options = {}) => simulated(new Bitget(context, options)),
  htx: (context, options = {}) => simulated(new Htx(context, options)),
};

function simulated<Session>(protocol: VenueProtocol<Session>): SimulatedVenue {
  return {
    accept: (liquidation) => protocol.accept(liquidation),
    listen: (context, port) => startVenue(protocol, context, port),
  };
}
