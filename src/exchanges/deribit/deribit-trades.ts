import type { PositionSide, VenueLiquidation } from "../../liquidation.ts";
import type { Backfill, FeedMessage, Instrument, Scope } from "../exchange.ts";
import { type JsonObject, isObject, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inScope, instrumentLookup, watchedInstruments } from "../decoding/scope.ts";
import { valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";
import { deribitInstrumentNamed } from "./deribit-instruments.ts";

export const DERIBIT_ADAPTER_VERSION = 1;

type Party = "taker" | "maker";

/** Whose position a trade liquidated: `MT` is both sides at once, which are two liquidations. */
const LIQUIDATED: ReadonlyMap<unknown, readonly Party[]> = new Map([
  ["T", ["taker"]],
  ["M", ["maker"]],
  ["MT", ["taker", "maker"]],
]);

/** Reads the liquidations among the trades of a frame or of a page of the history, whose rows are the same. */
export function readDeribitTrades(
  rows: unknown,
  text: string,
  scope: Scope,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] {
  if (!Array.isArray(rows)) return [{ kind: "reject", reason: "trades are not a list", text }];
  return rows.flatMap((row: unknown) => readTrade(row, text, scope, instrumentOf));
}

/** A trade without the flag liquidated nobody. */
function readTrade(row: unknown, text: string, scope: Scope, instrumentOf: (name: string) => Instrument): readonly FeedMessage[] {
  if (!isObject(row)) return [{ kind: "reject", reason: "malformed trade", text }];
  if (row.liquidation === undefined || row.liquidation === null) return [];
  const { instrument_name: name, direction, trade_id: id } = row;
  const parties = LIQUIDATED.get(row.liquidation);
  const eventTime = readTime(row.timestamp);
  const amount = readNumber(row.amount);
  if (
    parties === undefined ||
    typeof name !== "string" ||
    name === "" ||
    typeof id !== "string" ||
    id === "" ||
    (direction !== "buy" && direction !== "sell") ||
    eventTime === null ||
    amount === null ||
    amount < 0
  ) {
    return [{ kind: "reject", reason: "malformed liquidation", text }];
  }
  const instrument = instrumentOf(name);
  if (!inScope(scope, instrument.symbol)) return parties.map(() => ({ kind: "skipped", reason: "symbol not in scope" }));
  return parties.map((party) => ({
    kind: "liquidation",
    liquidation: liquidationOf(row, instrument, `deribit:${name}:${id}:${party}`, positionSide(direction, party), eventTime, amount),
  }));
}

/** `direction` is the taker's: one that is liquidated by a sell was long, and so was a maker that a buyer took. */
function positionSide(direction: "buy" | "sell", party: Party): PositionSide {
  return (direction === "sell") === (party === "taker") ? "long" : "short";
}

function liquidationOf(
  row: JsonObject,
  instrument: Instrument,
  id: string,
  side: PositionSide,
  eventTime: number,
  amount: number,
): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, amount, readPositive(row.price));
  return venueLiquidation(instrument, side, {
    event_id: id,
    exchange: "deribit",
    event_time: eventTime,
    price,
    price_kind: "fill",
    quantity,
    contracts: readPositive(row.contracts),
    usd_value,
    coverage: "all_reported",
    adapter_version: DERIBIT_ADAPTER_VERSION,
  });
}

const PAGE_ROWS = 1000;

/**
 * All trades of a past range, from which the liquidations are picked as from the stream: their ids are the same. The
 * public host keeps those of a day.
 * https://docs.deribit.com/api-reference/market-data/public-get_last_trades_by_instrument_and_time
 */
export const deribitBackfill: Backfill = {
  reachMs: 23 * 3600 * 1000,
  requestIntervalMs: 250,

  requests(scope, endpoints, from, to) {
    const route = `${endpoints.rest}/api/v2/public/get_last_trades_by_instrument_and_time`;
    const range = `start_timestamp=${from}&end_timestamp=${to}&count=${PAGE_ROWS}&sorting=asc`;
    return watchedInstruments(scope).map(({ instrument }) => `${route}?instrument_name=${instrument}&${range}`);
  },

  read(body, scope) {
    if (!isObject(body) || !isObject(body.result)) return [{ kind: "error", message: `Deribit trades: ${shown(body)}` }];
    const text = "a page of Deribit trades";
    return readDeribitTrades(body.result.trades, text, scope, instrumentLookup(scope, deribitInstrumentNamed));
  },

  /** A page may end between trades of one time, so the next one begins with that time; repeated trades have the same id. */
  next(url, body) {
    const { trades, has_more } = isObject(body) && isObject(body.result) ? body.result : {};
    const last: unknown = Array.isArray(trades) ? trades.at(-1) : undefined;
    const time = isObject(last) ? readTime(last.timestamp) : null;
    if (has_more !== true || time === null) return null;
    const page = new URL(url);
    const start = readPositive(page.searchParams.get("start_timestamp")) ?? 0;
    page.searchParams.set("start_timestamp", String(time > start ? time : start + 1));
    return page.href;
  },
};
