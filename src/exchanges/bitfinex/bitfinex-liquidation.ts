import type { VenueLiquidation } from "../../liquidation.ts";
import { bitfinexLookup } from "./bitfinex-instrument.ts";
import type { Instrument, FeedMessage, Scope } from "../exchange.ts";
import { shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inScope } from "../decoding/scope.ts";
import { valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";

export const BITFINEX_COVERAGE = "all_reported";
export const BITFINEX_ADAPTER_VERSION = 2;

/** Rows begin with `pos` on every channel and over REST, so they are recognized by content rather than by origin. */
export function isRow(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value[0] === "pos";
}

/**
 * Reads rows of `liq:global` and of `liquidations/hist`: `["pos", POS_ID, MTS, null, SYMBOL, AMOUNT, BASE_PRICE, null,
 * IS_MATCH, IS_MARKET_SOLD, null, PRICE_ACQUIRED]` (https://docs.bitfinex.com/reference/rest-public-liquidations). A
 * position has one trigger row (IS_MATCH 0), which is the event, and any number of market executions (1), which would
 * count it again. BASE_PRICE is the user's entry price, never the price of the liquidation.
 */
export class LiquidationRows {
  readonly #scope: Scope;
  readonly #instrumentOf: (name: string) => Instrument | null;
  readonly #executions = new Map<unknown, readonly Execution[]>();

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#instrumentOf = bitfinexLookup(scope);
  }

  read(rows: readonly unknown[]): readonly FeedMessage[] {
    // Executions may arrive before their trigger or, within a frame, after it.
    for (const row of rows) if (isRow(row) && row[IS_MATCH] === 1) this.#remember(row);
    return rows.map((row) => this.#readRow(row));
  }

  /** A frame with one trigger in its usual spelling; null for all others, which must be parsed. */
  readUsual(text: string): FeedMessage | null {
    const match = USUAL_TRIGGER.exec(text);
    if (match === null) return null;
    const { 1: positionId = "", 2: mts = "", 3: name = "" } = match;
    const instrument = this.#instrumentOf(name);
    const amount = readNumber(match[4]);
    if (instrument === null || !inScope(this.#scope, instrument.symbol) || amount === null || amount === 0) return null;
    const time = Number(mts);
    // In another unit, which the parser's way tells.
    if (readTime(time) !== time) return null;
    const price = readPositive(match[5]) ?? this.#executionPrice(Number(positionId), time);
    return { kind: "liquidation", liquidation: liquidation(instrument, `${positionId}:${mts}`, time, amount, price) };
  }

  /** By index and never by length: rows may grow, and recorders append to them. */
  #readRow(row: unknown): FeedMessage {
    if (!isRow(row)) return refused("no position row", row);
    const name = row[4];
    if (typeof name !== "string") return refused("no symbol", row);
    const instrument = this.#instrumentOf(name);
    if (instrument === null) return { kind: "skipped", reason: "no perpetual" };
    if (!inScope(this.#scope, instrument.symbol)) return { kind: "skipped", reason: "symbol outside the scope" };
    const positionId = row[POSITION_ID];
    if (typeof positionId !== "number" || !Number.isSafeInteger(positionId)) return refused("no position id", row);
    const time = timeOf(row);
    if (time === null) return refused("no time", row);
    const amount = readNumber(row[5]);
    if (amount === null || amount === 0) return refused("no amount", row);
    const isMatch = row[IS_MATCH];
    if (isMatch === 0) {
      const price = readPositive(row[PRICE_ACQUIRED]) ?? this.#executionPrice(positionId, time);
      return { kind: "liquidation", liquidation: liquidation(instrument, `${positionId}:${time}`, time, amount, price) };
    }
    if (isMatch !== 1) return refused("IS_MATCH is neither 0 nor 1", row);
    return { kind: "execution", eventIdPrefix: eventId(instrument, `${positionId}:`), time, text: shown(row) };
  }

  #remember(row: readonly unknown[]): void {
    const time = timeOf(row);
    const price = readPositive(row[PRICE_ACQUIRED]);
    if (time === null || price === null) return;
    const positionId = row[POSITION_ID];
    const known = this.#executions.get(positionId) ?? [];
    this.#executions.set(positionId, [...known, { time, price }].slice(-EXECUTIONS_KEPT));
    if (this.#executions.size > POSITIONS_KEPT) this.#executions.delete(this.#executions.keys().next().value);
  }

  #executionPrice(positionId: number, time: number): number | null {
    let nearest: Execution | null = null;
    let least = EXECUTION_REACH_MS;
    for (const execution of this.#executions.get(positionId) ?? []) {
      const distance = Math.abs(execution.time - time);
      if (distance <= least) [nearest, least] = [execution, distance];
    }
    return nearest?.price ?? null;
  }
}

/**
 * `[CHAN_ID,[[ROW]],SEQ,MTS]` with plain decimals, IS_MATCH 0 and an integer MTS. The parts of the id are taken
 * verbatim, because converting numbers back to text costs more than the rest.
 */
const USUAL_TRIGGER =
  /^\[\d{1,9},\[\["pos",([1-9]\d{0,14}),([1-9]\d{0,14}),null,"(t[A-Z0-9]+F0:USTF0)",(-?(?:0|[1-9]\d{0,9})(?:\.\d{1,12})?),(?:0|[1-9]\d{0,9})(?:\.\d{1,15})?,null,0,[01],null,(null|[1-9]\d{0,9}(?:\.\d{1,12})?)\]\](?:,[1-9]\d{0,15}){0,2}\]$/;

const POSITION_ID = 1;
const IS_MATCH = 8;
const PRICE_ACQUIRED = 11;

/**
 * A position id is reused when the position is liquidated again, so an execution only belongs to a trigger close to it.
 */
const EXECUTION_REACH_MS = 10_000;
const POSITIONS_KEPT = 500;
const EXECUTIONS_KEPT = 20;

interface Execution {
  readonly time: number;
  readonly price: number;
}

/** Documented samples have fractions of a millisecond, and REST may lack them: both must give the same id. */
function timeOf(row: readonly unknown[]): number | null {
  const mts = row[2];
  return typeof mts === "number" ? readTime(mts) : null;
}

function eventId({ instrument }: Instrument, key: string): string {
  return `bitfinex:${instrument}:${key}`;
}

function refused(reason: string, row: unknown): FeedMessage {
  return { kind: "reject", reason: `liquidation row: ${reason}`, text: shown(row) };
}

function liquidation(instrument: Instrument, key: string, time: number, amount: number, acquired: number | null): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, Math.abs(amount), acquired);
  // The sign alone gives the side, also below one coin.
  return venueLiquidation(instrument, amount > 0 ? "long" : "short", {
    event_id: eventId(instrument, key),
    exchange: "bitfinex",
    event_time: time,
    price,
    // Without a price from the venue the mark price takes its place, which only the feed knows.
    price_kind: price === null ? "mark" : "acquired",
    quantity,
    usd_value,
    coverage: BITFINEX_COVERAGE,
    adapter_version: BITFINEX_ADAPTER_VERSION,
  });
}
