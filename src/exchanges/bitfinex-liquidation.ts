import type { VenueLiquidation } from "../liquidation.ts";
import { instrumentNamed } from "./bitfinex-instrument.ts";
import type { Instrument, Reading, Scope } from "./exchange.ts";
import { readNumber, readPositive } from "./number.ts";
import { inScope } from "./scope.ts";
import { valuate } from "./valuation.ts";

export const BITFINEX_COVERAGE = "all_reported";
export const BITFINEX_ADAPTER_VERSION = 1;

/** Rows begin with `pos` on every channel and over REST, so they are told by what they are, not by where they came. */
export function isLiquidationRow(value: unknown): boolean {
  return Array.isArray(value) && value[0] === "pos";
}

/**
 * Reads rows of `liq:global` and of `liquidations/hist`:
 * `["pos", POS_ID, MTS, null, SYMBOL, AMOUNT, BASE_PRICE, null, IS_MATCH, IS_MARKET_SOLD, null, PRICE_ACQUIRED]`
 * (https://docs.bitfinex.com/reference/rest-public-liquidations). A position has one row of the trigger (IS_MATCH 0),
 * which is the event, and any number of its market executions (1), which would count it again. BASE_PRICE is what the
 * user paid on entry and never the price of the liquidation.
 */
export class LiquidationRows {
  readonly #scope: Scope;
  readonly #executions = new Map<number, Execution[]>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  read(rows: readonly unknown[]): readonly Reading[] {
    const read = rows.map((row) => readRow(row, this.#scope));
    // Executions may come before their trigger or, within a frame, after it.
    for (const row of read) if (row.kind === "execution") this.#remember(row);
    return read.map((row) => (row.kind === "trigger" ? this.#event(row) : row.reading));
  }

  #remember(row: ExecutionRow): void {
    if (row.price === null) return;
    const known = this.#executions.get(row.positionId) ?? [];
    this.#executions.set(row.positionId, [...known, { time: row.time, price: row.price }].slice(-EXECUTIONS_KEPT));
    if (this.#executions.size <= POSITIONS_KEPT) return;
    const [oldest] = this.#executions.keys();
    if (oldest !== undefined) this.#executions.delete(oldest);
  }

  #event(row: TriggerRow): Reading {
    const acquired = row.price ?? this.#executionPrice(row.positionId, row.time);
    return { kind: "liquidation", liquidation: liquidation(row, acquired) };
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

/** A position id is used again when the position is liquidated again, so an execution only explains a trigger near it. */
const EXECUTION_REACH_MS = 10_000;
const POSITIONS_KEPT = 500;
const EXECUTIONS_KEPT = 20;

interface Execution {
  readonly time: number;
  readonly price: number;
}

interface TriggerRow {
  readonly kind: "trigger";
  readonly positionId: number;
  readonly time: number;
  readonly instrument: Instrument;
  readonly amount: number;
  readonly price: number | null;
}

interface ExecutionRow {
  readonly kind: "execution";
  readonly positionId: number;
  readonly time: number;
  readonly price: number | null;
  readonly reading: Reading;
}

type Row = TriggerRow | ExecutionRow | { readonly kind: "other"; readonly reading: Reading };

/** By index and never by length: rows may grow, and recorders append to them. */
function readRow(row: unknown, scope: Scope): Row {
  if (!Array.isArray(row) || row[0] !== "pos") return refused("no position row", row);
  const values: readonly unknown[] = row;
  const [, positionId, mts, , name, amount, , , isMatch] = values;
  if (typeof name !== "string") return refused("no symbol", row);
  const instrument = instrumentNamed(scope, name);
  if (instrument === null) return skipped("spot margin or another settlement");
  if (!inScope(scope, instrument.symbol)) return skipped("symbol outside the scope");
  const size = readNumber(amount);
  // Documented samples have fractions of a millisecond, and REST may lack them: both must give one id.
  const time = typeof mts === "number" ? Math.floor(mts) : 0;
  if (typeof positionId !== "number" || !Number.isSafeInteger(positionId)) return refused("no position id", row);
  if (time <= 0 || time > LATEST_TIME) return refused("no time", row);
  if (size === null || size === 0) return refused("no amount", row);
  const price = readPositive(values[11]);
  if (isMatch === 0) return { kind: "trigger", positionId, time, instrument, amount: size, price };
  if (isMatch !== 1) return refused("IS_MATCH is neither 0 nor 1", row);
  const reading: Reading = {
    kind: "execution",
    positionId: String(positionId),
    time,
    instrument: instrument.instrument,
    text: JSON.stringify(row),
  };
  return { kind: "execution", positionId, time, price, reading };
}

/** The last instant a JavaScript date can hold. */
const LATEST_TIME = 8.64e15;

function refused(reason: string, row: unknown): Row {
  return { kind: "other", reading: { kind: "reject", reason: `liquidation row: ${reason}`, text: JSON.stringify(row) } };
}

function skipped(reason: string): Row {
  return { kind: "other", reading: { kind: "skipped", reason } };
}

function liquidation(row: TriggerRow, acquired: number | null): VenueLiquidation {
  const { instrument } = row;
  // The sign alone says the side, also below one coin.
  const isLong = row.amount > 0;
  const { price, quantity, usd_value } = valuate(instrument, Math.abs(row.amount), acquired);
  return {
    event_id: `bitfinex:${instrument.instrument}:${row.positionId}:${row.time}`,
    exchange: "bitfinex",
    instrument: instrument.instrument,
    symbol: instrument.symbol,
    quote: instrument.quote,
    event_time: row.time,
    position_side: isLong ? "long" : "short",
    order_side: isLong ? "sell" : "buy",
    price,
    // Without a price of the venue's own the mark price takes its place, which only the feed knows.
    price_kind: price === null ? "mark" : "acquired",
    quantity,
    contracts: null,
    usd_value,
    order_type: null,
    time_in_force: null,
    order_status: null,
    average_price: null,
    limit_price: null,
    last_filled_quantity: null,
    bankruptcy_loss: null,
    coverage: BITFINEX_COVERAGE,
    adapter_version: BITFINEX_ADAPTER_VERSION,
  };
}
