import type { Figure } from "./figure.ts";
import { measureMarketFields, type VenueFieldsMeasure } from "./market-fields.ts";

const MINUTES = 10;

/** How often each market field is null, venue by venue, and what impacts and sums are made of. */
export async function marketFields(seeds: readonly number[]): Promise<readonly Figure[]> {
  const runs: VenueFieldsMeasure[] = [];
  for (const seed of seeds) runs.push(...(await measureMarketFields(seed, MINUTES)));
  return [...Map.groupBy(runs, ({ exchange }) => exchange)].flatMap(([exchange, all]) => {
    const rows = sum(all.map((one) => one.rows));
    const share = (of: keyof VenueFieldsMeasure) => percent(sum(all.map((one) => Number(one[of]) * one.rows)) / rows);
    const differing = `${sum(all.map((one) => one.impactsDiffering))} of ${sum(all.map((one) => one.impacts))}`;
    const reach = (sum(all.map((one) => one.reachBps)) / all.length).toFixed(1);
    const figures: readonly (readonly [what: string, measured: string, target?: string])[] = [
      ["liquidations", String(rows)],
      ["funding rate null", share("fundingNull"), "under 5 %"],
      ["funding rate over 10 s old, null formerly", share("fundingNullFormerly")],
      ["open interest null", share("openInterestNull"), "under 5 %"],
      ["index price null", share("indexNull")],
      ["depth within 25 bps null", share("depthNull")],
      ["reach of the book, median of bps", reach, "25, or it says how far"],
      ["impact values other than by all marks", differing, "0"],
      ["share of longs in the USD, as reported", share("longShareReported")],
      ["share of longs in the USD, as summed", share("longShareFlow")],
    ];
    return figures.map(([what, measured, target = ""]) => ({ what: `${exchange}: ${what}`, measured, target }));
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
