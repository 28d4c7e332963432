import type { ExchangeName } from "../liquidation.ts";
import { aster } from "./aster/aster.ts";
import { allBounded } from "./bounded.ts";
import { binance } from "./binance/binance.ts";
import { bitfinex } from "./bitfinex/bitfinex.ts";
import { bitget } from "./bitget/bitget.ts";
import { bitmex } from "./bitmex/bitmex.ts";
import { bybit } from "./bybit/bybit.ts";
import { deribit } from "./deribit/deribit.ts";
import type { Exchange } from "./exchange.ts";
import { gate } from "./gate/gate.ts";
import { htx } from "./htx/htx.ts";
import { kucoin } from "./kucoin/kucoin.ts";
import { lighter } from "./lighter/lighter.ts";
import { okx } from "./okx/okx.ts";

/** All venues. */
export const exchanges: Readonly<Record<ExchangeName, Exchange>> = allBounded({
  binance,
  bybit,
  okx,
  kucoin,
  bitfinex,
  deribit,
  bitmex,
  aster,
  lighter,
  gate,
  bitget,
  htx,
});
