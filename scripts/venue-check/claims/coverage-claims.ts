import { COVERAGE_TEXT } from "../../../src/exchanges/coverage-text.ts";
import type { Claim, ObservedLiquidation, Observations } from "../observations.ts";
import { verdictOf, votesText } from "./votes.ts";

/** A venue's second as it arrives here: pushes may come a little closer together than they were sent. */
const SECOND_MS = 800;

export function coverageClaim(seen: Observations): Claim {
  const { exchange, kinds, liquidations } = seen;
  const about = "Coverage";
  const claim = `\`${exchange.coverage}\`: the feed carries ${COVERAGE_TEXT[exchange.coverage]}.`;
  switch (exchange.coverage) {
    case "none": {
      const count = kinds.get("liquidation") ?? 0;
      // A venue that sent nothing at all shows nothing.
      const verdict = count > 0 ? "contradicted" : kinds.size > 0 ? "seen" : "not seen";
      return { about, claim, verdict, detail: `${count} liquidations came` };
    }
    case "largest_per_second":
      return oneASecond(claim, liquidations, ({ row }) => row.instrument);
    case "largest_per_side_second":
      return oneASecond(claim, liquidations, ({ row }) => `${row.instrument} ${row.position_side}`);
    case "all_reported": {
      const full = fullSeconds(liquidations);
      const detail = `${full} times two or more of one contract within a second${full > 0 ? ", so it is not limited to one" : ""}; whether one is missing, the feed does not show`;
      return { about, claim, verdict: full > 0 ? "seen" : "not seen", detail };
    }
    default:
      return {
        about,
        claim,
        verdict: "not seen",
        detail: `the feed does not show it; ${fullSeconds(liquidations)} times two or more of one contract within a second`,
      };
  }
}

function oneASecond(
  claim: string,
  liquidations: readonly ObservedLiquidation[],
  keyOf: (liquidation: ObservedLiquidation) => string,
): Claim {
  const groups = [...Map.groupBy(liquidations, keyOf).values()];
  const distances = groups.flatMap((group) => group.slice(1).map((next, index) => next.receivedTime - (group[index]?.receivedTime ?? 0)));
  const apart = distances.filter((distance) => distance >= SECOND_MS).length;
  // One exception in four would be no rule.
  return {
    about: "Coverage",
    claim,
    verdict: verdictOf(apart, distances.length),
    detail: votesText(apart, distances.length, "came a second after the one before"),
  };
}

/** How often a contract had two or more liquidations of one second of the venue. */
function fullSeconds(liquidations: readonly ObservedLiquidation[]): number {
  const groups = Map.groupBy(liquidations, ({ row }) => `${row.instrument} ${Math.floor(row.event_time / 1_000)}`);
  return [...groups.values()].filter((group) => group.length > 1).length;
}
