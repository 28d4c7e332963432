import * as z from "zod";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { LIQUIDATING_EXCHANGES } from "./liquidating-exchanges.ts";
import type { Random } from "./random.ts";

/** A cascade to play: who is hit, on which venues in which order, how much, how long and how far the price goes. */
export interface CascadeScript {
  readonly startAfterMs: number;
  readonly symbol: string;
  /** Whose positions are liquidated: longs make the price fall, shorts make it rise. */
  readonly side: PositionSide;
  /** `delayMs` after the start, the venue's first liquidation happens. The one with 0 is the first mover. */
  readonly venues: readonly { readonly exchange: ExchangeName; readonly delayMs: number }[];
  /** Sum over all venues; each gets the same share. */
  readonly usd: number;
  /** On each venue, from its own first to its own last liquidation. */
  readonly durationMs: number;
  /** Size of the price move in percent, without a sign. It takes `durationMs` and stays. */
  readonly movePct: number;
  readonly eventsPerVenue?: number;
}

/** A script with its place in time. */
export interface ScriptedCascade extends CascadeScript {
  readonly startTime: number;
  readonly endTime: number;
  readonly firstExchange: ExchangeName;
}

export interface PlannedLiquidation {
  readonly exchange: ExchangeName;
  readonly time: number;
  readonly usd: number;
}

const DEFAULT_EVENTS_PER_VENUE = 40;

const cascadeScript = z.object({
  startAfterMs: z.number().min(0).default(0),
  symbol: z.string(),
  side: z.enum(POSITION_SIDES),
  venues: z.array(z.object({ exchange: z.enum(LIQUIDATING_EXCHANGES), delayMs: z.number().min(0) })).min(1),
  usd: z.number().positive(),
  durationMs: z.number().positive(),
  movePct: z.number().positive(),
  eventsPerVenue: z.int().positive().default(DEFAULT_EVENTS_PER_VENUE),
});

/**
 * A script that came as JSON.
 * @throws {RangeError} naming what is wrong with it
 */
export function readCascade(value: unknown): CascadeScript {
  const parsed = cascadeScript.safeParse(value);
  if (!parsed.success) throw new RangeError(z.prettifyError(parsed.error));
  return parsed.data;
}

export function placeCascade(script: CascadeScript, now: number): ScriptedCascade {
  const first = script.venues.toSorted((left, right) => left.delayMs - right.delayMs)[0];
  if (first === undefined) throw new RangeError("a cascade needs at least one venue");
  const silent = script.venues.find(({ exchange }) => !LIQUIDATING_EXCHANGES.includes(exchange));
  if (silent !== undefined) throw new RangeError(`${silent.exchange} publishes no liquidations`);
  const startTime = Math.round(now + script.startAfterMs);
  const lastDelay = Math.max(...script.venues.map((venue) => venue.delayMs));
  return { ...script, startTime, endTime: startTime + lastDelay + script.durationMs, firstExchange: first.exchange };
}

/** The cascade's liquidations in order of time: the first of each venue at exactly its delay, most soon after it. */
export function planLiquidations(cascade: ScriptedCascade, random: Random): PlannedLiquidation[] {
  const count = cascade.eventsPerVenue ?? DEFAULT_EVENTS_PER_VENUE;
  const planned = cascade.venues.flatMap(({ exchange, delayMs }) => {
    const weights = Array.from({ length: count }, () => Math.exp(random.normal()));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight, index): PlannedLiquidation => {
      const progress = index === 0 ? 0 : random.uniform() ** 2;
      return {
        exchange,
        time: Math.round(cascade.startTime + delayMs + progress * cascade.durationMs),
        usd: (cascade.usd / cascade.venues.length) * (weight / total),
      };
    });
  });
  return planned.toSorted((left, right) => left.time - right.time);
}

/** How long venues take to recover after a cascade, ms. */
const RECOVERY_MS = 15_000;

/** How hard a cascade presses on the insurance funds: from 0 to 1 until its middle, and back to 0 soon after its end. */
export function stressOf(cascade: ScriptedCascade, time: number): number {
  const progress = (time - cascade.startTime) / cascade.durationMs;
  if (progress <= 0) return 0;
  return progress <= 1 ? Math.min(1, 2 * progress) : Math.max(0, 1 - (time - cascade.startTime - cascade.durationMs) / RECOVERY_MS);
}

/** What the cascade has added to the log price by `time`: slow, fast, slow, then it stays. */
export function logMove(cascade: ScriptedCascade, time: number): number {
  const progress = Math.min(1, Math.max(0, (time - cascade.startTime) / cascade.durationMs));
  const sign = cascade.side === "long" ? -1 : 1;
  return Math.log(1 + (sign * cascade.movePct) / 100) * progress * progress * (3 - 2 * progress);
}
