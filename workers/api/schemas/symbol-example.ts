/** Bitcoin on each venue, by its own names of the contracts. */
export const symbolExample = {
  symbol: "BTC",
  collected: true,
  exchanges: {
    binance: { state: "collected", instruments: ["BTCUSDT", "BTCUSDC"] },
    bybit: { state: "collected", instruments: ["BTCUSDT"] },
    okx: { state: "collected", instruments: ["BTC-USDT-SWAP", "BTC-USD-SWAP"] },
    kucoin: { state: "no_liquidations", instruments: ["XBTUSDTM"] },
    bitfinex: { state: "collected", instruments: ["tBTCF0:USTF0"] },
  },
};
