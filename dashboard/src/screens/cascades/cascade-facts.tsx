import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { countText, priceText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Unknown } from "../../parts/unknown.tsx";

/** What a cascade's USD covers. */
export function coverageOfCascade({ events, exchanges, gaps }: CascadeRecord): string {
  const missing =
    gaps.length === 0 ? "" : ` A venue was not covered during it (${[...new Set(gaps.map(({ exchange }) => exchange))].join(", ")}).`;
  return `${countText(events)} liquidations on ${exchanges.join(", ")}; a lower bound, because venues do not report every liquidation.${missing}`;
}

/** How far the mark price moved with the forced flow. */
export function CascadeMove({
  cascade: { move_bps: move, start_mark: start, extreme_mark: extreme },
}: {
  readonly cascade: CascadeRecord;
}) {
  if (move === null) return <Unknown reason="No venue reported mark prices during it." />;
  const text =
    start === null || extreme === null ? "The marks are not known." : `Mark price from ${priceText(start)} to ${priceText(extreme)}.`;
  return (
    <Hint hint={`${text} Positive is in the direction of the forced flow.`} class="num">
      {move.toFixed(0)} bps
    </Hint>
  );
}

/** The venue that began, with how sure that is. */
export function FirstVenue({
  cascade: { first_exchange: first, first_exchange_probability: probability },
}: {
  readonly cascade: CascadeRecord;
}) {
  if (first === null) {
    return <Unknown reason="No venue is more likely than not to have begun over half a second before the others." />;
  }
  return (
    <span class="first-venue">
      {first}{" "}
      {probability === null ? (
        <Unknown reason="Its probability is not known: the record is of before 2026-11-28." />
      ) : (
        <Hint hint="Probability that this venue's own flow began first, given the resolution of the feeds." class="num quiet">
          {shareText(probability)}
        </Hint>
      )}
    </span>
  );
}
