import type { Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS, type FieldSpec } from "../../src/liquidation-fields.ts";
import type { Batch } from "../../src/sink.ts";

/** 2026-11-20 00:00 UTC: the day the samples play on. */
export const DAY = Date.UTC(2026, 10, 20);

const FIELDS: readonly FieldSpec[] = LIQUIDATION_FIELDS;
const EMPTY = Object.fromEntries(FIELDS.filter((field) => field.nullable).map((field) => [field.name, null]));

/** A liquidation at the mark price, whose unknown fields are null, with the changes of a test. */
export function sampleLiquidation(changes: Partial<Liquidation>): Liquidation {
  const { usd_value: given = 40_000 } = changes;
  const usd = Number.isFinite(given) ? given : null;
  const core = {
    event_id: "binance:BTCUSDT:1",
    exchange: "binance",
    instrument: "BTCUSDT",
    symbol: "BTC",
    quote: "USDT",
    event_time: DAY,
    received_time: DAY + 1000,
    position_side: "long",
    order_side: "sell",
    price: 80_000,
    price_kind: "average_fill",
    quantity: 0.5,
    usd_value: usd,
    notional_mark_usd: usd,
    coverage: "largest_per_second",
    gap_before_ms: 0,
    source: "stream",
    schema_version: 1,
    adapter_version: 1,
  };
  return { ...EMPTY, ...core, ...changes } as Liquidation;
}

/** A sealed batch of these rows. */
export function sampleBatch(rows: readonly Liquidation[], exchange: Batch["exchange"] = "binance"): Batch {
  return { exchange, epoch: DAY, sequence: 1, sealedTime: DAY, rows, gaps: [] };
}
