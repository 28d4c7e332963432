import type { Asset } from "./assets.ts";
import { ASSETS, onGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

/** One liquidation in a `details` array, as the venue spells it. */
export interface Detail {
  readonly bkLoss: string;
  readonly bkPx: string;
  readonly ccy: string;
  readonly posSide: "long" | "short" | "net";
  readonly side: "sell" | "buy";
  /** Contracts. */
  readonly sz: string;
  readonly ts: string;
}

const LOT = 0.01;
/** No genuine capture of `net` is known; the docs name it, so a reader has to take the side of the order then. */
const NET_SHARE = 0.1;

export const swapOf = (asset: Asset): string => `${asset.symbol}-USDT-SWAP`;

/** The price is the mark, as measured on the live venue. */
export function detailOf(liquidation: MarketLiquidation, asset: Asset, random: Random): Detail {
  const { side, mark, time, usd } = liquidation;
  return {
    bkLoss: "0",
    bkPx: onGrid(mark, asset.tick),
    ccy: "",
    posSide: random.chance(NET_SHARE) ? "net" : side,
    side: side === "long" ? "sell" : "buy",
    sz: contracts(usd / mark / asset.okxContract),
    ts: String(time),
  };
}

export function oneLotMore(row: Detail): Detail {
  return { ...row, sz: contracts(Number(row.sz) + LOT) };
}

/** Whole lots of a hundredth, without trailing zeros: `8.5`, `13`. */
function contracts(value: number): string {
  return String(Number(onGrid(Math.max(value, LOT), LOT)));
}

export function keyOf(instId: string, row: Detail): string {
  return [instId, row.ts, row.posSide, row.side, row.sz, row.bkPx].join("|");
}

export function ledgerEvent(instId: string, row: Detail, key: string, asset: Asset): NewLedgerEvent {
  return {
    key,
    instrument: instId,
    symbol: asset.symbol,
    position_side: row.side === "sell" ? "long" : "short",
    event_time: Number(row.ts),
    quantity: Number(row.sz) * asset.okxContract,
    price: Number(row.bkPx),
    in_history: true,
  };
}

/** Rows of one instrument go into one `details` array. */
export function groupRows(rows: readonly { readonly instId: string; readonly row: Detail }[]): unknown[] {
  const groups = Map.groupBy(rows, ({ instId }) => instId);
  return [...groups].map(([instId, members]) => {
    const uly = instId.replace(/-SWAP$/, "");
    return { details: members.map(({ row }) => row), instFamily: uly, instId, instType: "SWAP", uly };
  });
}

/** A name for what an arg asks for, or null where the venue has no such thing: `mark-price:BTC`, `liquidation-orders`. */
export function topicOf(arg: Readonly<Record<string, unknown>>): string | null {
  const { channel, instId, instType } = arg;
  if (channel === "liquidation-orders" || channel === "adl-warning") return instType === "SWAP" ? channel : null;
  const asset = ASSETS.find((each) => instId === (channel === "index-tickers" ? `${each.symbol}-USDT` : swapOf(each)));
  const known = ["mark-price", "index-tickers", "funding-rate", "open-interest", "books", "books5", "bbo-tbt"];
  return asset !== undefined && typeof channel === "string" && known.includes(channel) ? `${channel}:${asset.symbol}` : null;
}

/** A snapshot of the `books` channel, or what changed since the update numbered `previous`; the checksum is always 0. */
export function bookFrame(
  action: "snapshot" | "update",
  asset: Asset,
  sides: BookSides,
  sequence: number,
  previous: number,
  now: number,
): string {
  const numbers = { ts: String(now), checksum: 0, seqId: sequence, prevSeqId: previous };
  return JSON.stringify({ arg: { channel: "books", instId: swapOf(asset) }, action, data: [{ ...levelRows(asset, sides), ...numbers }] });
}

/** `asks` and `bids`, as in every channel: price, contracts, an unused column, orders. */
function levelRows(asset: Asset, sides: BookSides): { readonly asks: unknown; readonly bids: unknown } {
  const rows = (side: readonly Level[]) =>
    side.map(([price, size]) => [onGrid(price, asset.tick), size === 0 ? "0" : contracts(size / asset.okxContract), "0", "3"]);
  return { asks: rows(sides.asks), bids: rows(sides.bids) };
}

export type AdlState = "normal" | "warning" | "adl";

export function adlStateOf(stress: number): AdlState {
  return stress < 0.3 ? "normal" : stress < 0.7 ? "warning" : "adl";
}

const FUND = 280_784_384.9564228;

/** What the `adl-warning` channel says of a family of swaps. */
export function adlFrame(asset: Asset, stress: number, now: number): string {
  const instFamily = `${asset.symbol}-USDT`;
  const state = adlStateOf(stress);
  const bal = String(FUND * (1 - 0.1 * stress));
  const row = {
    instType: "SWAP",
    instFamily,
    ccy: "USDT",
    state,
    bal,
    adlType: "",
    maxBal: "",
    maxBalTs: "",
    adlBal: "0",
    adlRecBal: "8000.0",
  };
  return JSON.stringify({ arg: { channel: "adl-warning", instType: "SWAP", instFamily }, data: [{ ...row, ts: String(now) }] });
}

/** The row of `books-full`. */
export function fullBook(asset: Asset, sides: BookSides, now: number): unknown {
  return { ...levelRows(asset, sides), ts: String(now) };
}

export function ticker(asset: Asset, quote: Quote, now: number): unknown {
  return {
    instType: "SWAP",
    instId: swapOf(asset),
    last: onGrid(quote.mark, asset.tick),
    vol24h: contracts(quote.turnover / quote.mark / asset.okxContract),
    volCcy24h: onGrid(quote.turnover / quote.mark, asset.step),
    ts: String(now),
  };
}

const FUNDING_PERIOD_MS = 28_800_000;

export function channelFrame(channel: string, asset: Asset, quote: Quote, sides: BookSides, sequence: number, now: number): string {
  const instId = channel === "index-tickers" ? `${asset.symbol}-USDT` : swapOf(asset);
  return JSON.stringify({ arg: { channel, instId }, data: [channelData(channel, asset, quote, sides, sequence, String(now))] });
}

function channelData(channel: string, asset: Asset, quote: Quote, sides: BookSides, seqId: number, ts: string): unknown {
  const instId = swapOf(asset);
  switch (channel) {
    case "mark-price":
      return { instType: "SWAP", instId, markPx: onGrid(quote.mark, asset.tick), ts };
    case "index-tickers":
      return { instId: `${asset.symbol}-USDT`, idxPx: onGrid(quote.index, asset.tick), ts };
    case "open-interest":
      return {
        instId,
        instType: "SWAP",
        oi: onGrid(quote.openInterest / asset.okxContract, LOT),
        oiCcy: onGrid(quote.openInterest, asset.step),
        ts,
      };
    case "funding-rate":
      return {
        instId,
        instType: "SWAP",
        fundingRate: quote.fundingRate.toFixed(8),
        nextFundingRate: "",
        fundingTime: String(quote.nextFundingTime),
        nextFundingTime: String(quote.nextFundingTime + FUNDING_PERIOD_MS),
        ts,
      };
    default:
      return { ...levelRows(asset, sides), instId, ts, seqId };
  }
}

/** The swaps, among them an inverse one that is listed only. */
export function instruments(instType: string | null): unknown {
  if (instType !== "SWAP") return { code: "51000", msg: "Parameter instType error", data: [] };
  const shared = { instType: "SWAP", ctMult: "1", lotSz: String(LOT), minSz: String(LOT), state: "live" };
  const linear = ASSETS.map((asset) => {
    const family = `${asset.symbol}-USDT`;
    const contract = { ctVal: String(asset.okxContract), ctValCcy: asset.symbol, ctType: "linear", settleCcy: "USDT" };
    return { ...shared, ...contract, instId: swapOf(asset), instFamily: family, uly: family, tickSz: String(asset.tick) };
  });
  const contract = { ctVal: "100", ctValCcy: "USD", ctType: "inverse", settleCcy: "BTC" };
  const inverse = { ...shared, ...contract, instId: "BTC-USD-SWAP", instFamily: "BTC-USD", uly: "BTC-USD", tickSz: "0.1" };
  return { code: "0", msg: "", data: [...linear, inverse] };
}
