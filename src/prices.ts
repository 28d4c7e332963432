import { z } from "zod";

/** What an operator may set a price of: rows of exports and requests, each by the million, and downloads, by 1,000,000,000 bytes. */
export const PRICED = ["rows", "requests", "gigabytes"] as const;
export type Priced = (typeof PRICED)[number];

/** Prices in the operator's currency; what has none is free. */
export type Prices = Readonly<Partial<Record<Priced, number>>>;

/** One unit of a price. */
const UNIT: Readonly<Record<Priced, number>> = { rows: 1e6, requests: 1e6, gigabytes: 1e9 };

/** How much of what was used. */
export interface Used {
  readonly rows: number;
  readonly requests: number;
  readonly bytes: number;
}

export const priceEstimate = z
  .object({
    amount: z.number().meta({ description: "Estimated price, rounded to a hundredth of a cent.", examples: [0.3641] }),
    currency: z.string().meta({ description: "Currency of the operator's prices, as ISO 4217 names it.", examples: ["USD"] }),
    prices: z.partialRecord(z.enum(PRICED), z.number()).meta({
      description:
        "Prices it was computed by: rows of exports and requests by the million, downloads by the gigabyte (1,000,000,000 bytes).",
      examples: [{ rows: 20 }],
    }),
    note: z.string().meta({
      description: "Note for the reader: how the operator estimates the price.",
      examples: ["An estimate by the operator's prices, not an invoice."],
    }),
  })
  .readonly()
  .meta({
    id: "PriceEstimate",
    description: "Estimate by the prices that the operator of this Worker has set. Nothing is charged by the Worker.",
  });
export type PriceEstimate = z.output<typeof priceEstimate>;

/** @returns null where the operator has set no prices: that says nothing about what the data costs */
export function estimatePrice(
  { rows, requests, bytes }: Used,
  prices: Prices | null,
  currency: string,
  note: string,
): PriceEstimate | null {
  if (prices === null) return null;
  const used: Readonly<Record<Priced, number>> = { rows, requests, gigabytes: bytes };
  const amount = PRICED.reduce((sum, name) => sum + (used[name] / UNIT[name]) * (prices[name] ?? 0), 0);
  return { amount: Math.round(amount * 10_000) / 10_000, currency, prices, note };
}
