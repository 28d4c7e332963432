/**
 * What the Workers Paid plan includes a month, and what more costs, USD.
 * https://developers.cloudflare.com/workers/platform/pricing/, https://developers.cloudflare.com/durable-objects/platform/pricing/,
 * https://developers.cloudflare.com/d1/platform/pricing/, https://developers.cloudflare.com/r2/pricing/
 */
export const PLAN_AS_OF = "2026-11-28";

/** The monthly price of the plan, USD. */
export const PLAN_USD = 5;

export interface PlanItem {
  /** As on the invoice. */
  readonly title: string;
  /** Amount a month that the plan includes. */
  readonly included: number;
  /** Price of a further `unit`, USD. */
  readonly usd: number;
  readonly unit: number;
}

const MILLION = 1e6;
const BILLION = 1e9;

export const PLAN_ITEMS = {
  worker_requests: { title: "Workers requests", included: 10 * MILLION, usd: 0.3, unit: MILLION },
  worker_cpu_ms: { title: "Workers CPU, ms", included: 30 * MILLION, usd: 0.02, unit: MILLION },
  object_requests: { title: "Durable Objects requests", included: MILLION, usd: 0.15, unit: MILLION },
  object_gb_s: { title: "Durable Objects duration, GB-s", included: 400_000, usd: 12.5, unit: MILLION },
  object_rows_read: { title: "Durable Objects rows read", included: 25 * BILLION, usd: 0.001, unit: MILLION },
  object_rows_written: { title: "Durable Objects rows written", included: 50 * MILLION, usd: 1, unit: MILLION },
  d1_rows_read: { title: "D1 rows read", included: 25 * BILLION, usd: 0.001, unit: MILLION },
  d1_rows_written: { title: "D1 rows written", included: 50 * MILLION, usd: 1, unit: MILLION },
  r2_class_a: { title: "R2 class A operations", included: MILLION, usd: 4.5, unit: MILLION },
  r2_class_b: { title: "R2 class B operations", included: 10 * MILLION, usd: 0.36, unit: MILLION },
} as const satisfies Readonly<Record<string, PlanItem>>;

export type PlanItemName = keyof typeof PLAN_ITEMS;

/** Memory that an object is billed for while it is awake, GB. */
export const OBJECT_GB = 0.128;

/** What an amount of a month costs beyond what the plan includes, USD. */
export function itemCostUsd(name: PlanItemName, amount: number): number {
  const { included, usd, unit } = PLAN_ITEMS[name];
  return (Math.max(0, amount - included) / unit) * usd;
}
