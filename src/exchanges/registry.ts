import type { ExchangeName } from "../liquidation.ts";
import { binance } from "./binance.ts";
import { bitfinex } from "./bitfinex.ts";
import { bybit } from "./bybit.ts";
import type { Exchange } from "./exchange.ts";
import { kucoin } from "./kucoin.ts";
import { okx } from "./okx.ts";

/** Every venue there is. */
export const exchanges: Readonly<Record<ExchangeName, Exchange>> = { binance, bybit, okx, kucoin, bitfinex };
