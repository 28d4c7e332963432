import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";

let sequence = 0;

/** Stores a batch of a venue in R2 and D1. */
export async function store(rows: readonly Liquidation[], exchange: Liquidation["exchange"] = "binance"): Promise<void> {
  sequence += 1;
  const batch = { ...sampleBatch(rows, exchange), sequence };
  expect(await r2Sink.write(env, parseConfig({}), batch)).toMatchObject({ kind: "stored", refused: [] });
  expect(await d1Sink.write(env, parseConfig({}), batch)).toMatchObject({ kind: "stored" });
}

/** The liquidation of the day's second `n`. */
export const event = (n: number, changes: Partial<Liquidation> = {}): Liquidation =>
  sampleLiquidation({
    event_id: `id${String(n).padStart(6, "0")}`,
    event_time: DAY + n * 1000,
    received_time: DAY + n * 1000 + 50,
    ...changes,
  });
