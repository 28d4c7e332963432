import type { ExchangeName } from "../liquidation.ts";
import { allBounded } from "./bounded.ts";
import { binance } from "./binance/binance.ts";
import { bitfinex } from "./bitfinex/bitfinex.ts";
import { bybit } from "./bybit/bybit.ts";
import type { Exchange } from "./exchange.ts";
import { kucoin } from "./kucoin/kucoin.ts";
import { okx } from "./okx/okx.ts";

/** All venues. */
export const exchanges: Readonly<Record<ExchangeName, Exchange>> = allBounded({ binance, bybit, okx, kucoin, bitfinex });
