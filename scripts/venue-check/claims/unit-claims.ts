import type { PriceKind } from "../../../src/liquidation.ts";
import type { Claim, Observations } from "../observations.ts";
import { quantile, verdictOf, votesText } from "./votes.ts";

/**
 * Sizes are traded in steps of at most eight decimals, and of six where they are worth divided by a price, which is rounded; the
 * tolerance is a share of a step. The outcome of any other division is a multiple of neither.
 */
const STEPS = [
  { perUnit: 1e8, tolerance: 1e-3 },
  { perUnit: 1e6, tolerance: 2e-2 },
] as const;
/** Beyond it a double is too coarse to tell. */
const MAX_SIZE = 1e6;

/**
 * Contracts, or coins where the venue counts these, are traded in decimal steps. Where the adapter divides what the venue means as
 * coins by a price, or by a contract's size that is wrong, the result is in no such steps.
 */
export function sizesInSteps({ exchange, liquidations }: Observations): Claim {
  const sizes = liquidations.flatMap(({ row }) => {
    const scale = exchange.fallbackInstruments.find(({ instrument }) => instrument === row.instrument)?.scale ?? 1;
    const size = row.contracts ?? (row.quantity === null ? null : row.quantity / scale);
    return size === null || size > MAX_SIZE ? [] : [size];
  });
  const stepped = sizes.filter(isStepped).length;
  return {
    about: "Units",
    claim: "Sizes, in contracts or coins as the adapter reads them, are multiples of a decimal step.",
    verdict: verdictOf(stepped, sizes.length),
    detail: votesText(stepped, sizes.length, "sizes are"),
  };
}

function isStepped(size: number): boolean {
  return STEPS.some(({ perUnit, tolerance }) => {
    const steps = size * perUnit;
    return steps >= 0.5 && Math.abs(steps - Math.round(steps)) <= tolerance;
  });
}

/** A wrong unit is wrong by a factor of ten to a thousand, which soon exceeds all that is open. */
export function sizesWithinOpenInterest({ liquidations, openInterest }: Observations): Claim {
  const shares = liquidations.flatMap(({ row }) => {
    const open = openInterest.get(row.instrument);
    return open === undefined || open <= 0 || row.quantity === null ? [] : [row.quantity / open];
  });
  const largest = Math.max(0, ...shares);
  const claim = "No liquidation is larger than a tenth of the open interest of its contract.";
  const verdict = shares.length === 0 ? "not seen" : largest > 0.1 ? "contradicted" : "seen";
  const detail = shares.length === 0 ? "no liquidation with a known open interest" : `largest share ${(100 * largest).toPrecision(2)} %`;
  return { about: "Units", claim, verdict, detail: `${detail}, of ${shares.length} liquidations` };
}

export function contractSizes({ instruments: { error, compared, different } }: Observations): Claim {
  const claim = "The built-in sizes of contracts are those of the venue's table.";
  if (error !== null) return { about: "Units", claim, verdict: "not seen", detail: `the table could not be read: ${error}` };
  if (different.length > 0) return { about: "Units", claim, verdict: "contradicted", detail: `different: ${different.join(", ")}` };
  return { about: "Units", claim, verdict: compared === 0 ? "not seen" : "seen", detail: `${compared} contracts compared` };
}

/** The distance from the mark that each kind of price keeps, bps. */
const MAX_DISTANCE_BPS: Readonly<Record<PriceKind, number>> = {
  liquidation_mark: 50,
  average_fill: 300,
  fill: 300,
  acquired: 3_000,
  mark: 50,
  bankruptcy: 3_000,
  order: 3_000,
};

/** A price of another kind, or of another contract, is far from the mark. */
export function pricesNearMark({ liquidations }: Observations): readonly Claim[] {
  const priced = liquidations.flatMap(({ row, marks: { at: mark } }) => {
    return row.price === null || mark === null ? [] : [{ kind: row.price_kind, bps: Math.abs(row.price / mark - 1) * 10_000 }];
  });
  return [...Map.groupBy(priced, ({ kind }) => kind)].map(([kind, rows]): Claim => {
    const most = MAX_DISTANCE_BPS[kind];
    const near = rows.filter(({ bps }) => bps <= most).length;
    const median = quantile(
      rows.map(({ bps }) => bps),
      0.5,
    );
    return {
      about: "Price",
      claim: `Prices of the kind ${kind} are within ${most} bps of the mark.`,
      verdict: verdictOf(near, rows.length),
      detail: `${votesText(near, rows.length, "are")}; median distance ${median?.toFixed(1) ?? "unknown"} bps`,
    };
  });
}
