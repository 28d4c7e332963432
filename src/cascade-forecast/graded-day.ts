import * as z from "zod";
import type { PositionSide } from "../liquidation.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import { type BinSums, EMPTY_BINS } from "./reliability.ts";

/** A forecast that reached the alarm of its model, and whether a cascade followed within the horizon. Times in ms. */
export interface GradedAlarm {
  readonly symbol: string;
  readonly position_side: PositionSide;
  readonly time: number;
  readonly probability: number;
  /** When the cascade became active; null where none followed. */
  readonly cascade_time: number | null;
}

/** The forecasts of one UTC day that one model made live, with what came true. */
export interface GradedDay {
  /** Start of the day, ms. */
  readonly day: number;
  /** Of the model that made them. */
  readonly model_hash: string;
  readonly bins: readonly BinSums[];
  /** Cascades that became active while the model forecast, and the times from the first alarm to those that one led, ms. */
  readonly cascades: number;
  readonly leads_ms: readonly number[];
  /** The first of the day; one is a run of forecasts above the alarm. */
  readonly alarms: readonly GradedAlarm[];
  readonly alarms_not_listed: number;
  /** Forecasts without a grade, because too few venues were connected in the five minutes after them. */
  readonly not_covered: number;
}

const count = z.number().min(0);

const gradedDaySchema = z.object({
  day: z.int(),
  model_hash: z.string(),
  bins: z.array(z.object({ forecasts: count, probability: count, followed: count })).length(EMPTY_BINS.length),
  cascades: count,
  leads_ms: z.array(count),
  alarms: z.array(
    z.object({
      symbol: z.string(),
      position_side: z.enum(POSITION_SIDES),
      time: count,
      probability: z.number(),
      cascade_time: count.nullable(),
    }),
  ),
  alarms_not_listed: count,
  not_covered: count,
}) satisfies z.ZodType<GradedDay>;

/** A stored day; null where it is none of this version. */
export function readGradedDay(value: unknown): GradedDay | null {
  return gradedDaySchema.safeParse(value).data ?? null;
}

export function newGradedDay(day: number, modelHash: string): GradedDay {
  return { day, model_hash: modelHash, bins: EMPTY_BINS, cascades: 0, leads_ms: [], alarms: [], alarms_not_listed: 0, not_covered: 0 };
}
