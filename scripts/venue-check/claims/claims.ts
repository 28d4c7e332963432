import type { Claim, Observations } from "../observations.ts";
import { coverageClaim } from "./coverage-claims.ts";
import { sessionClaims } from "./session-claims.ts";
import { sideByMoves, sideByPrice } from "./side-claims.ts";
import { timeResolution, timesPlausible } from "./time-claims.ts";
import { contractSizes, pricesNearMark, sizesInSteps, sizesWithinOpenInterest } from "./unit-claims.ts";

/** Everything that is said of a venue and can be checked on what came. */
export function claimsOf(seen: Observations): readonly Claim[] {
  const ofLiquidations =
    seen.exchange.coverage === "none"
      ? []
      : [
          sideByMoves(seen),
          sideByPrice(seen),
          sizesInSteps(seen),
          sizesWithinOpenInterest(seen),
          ...pricesNearMark(seen),
          timesPlausible(seen),
          timeResolution(seen),
        ];
  return [...sessionClaims(seen), coverageClaim(seen), contractSizes(seen), ...ofLiquidations].filter((claim) => claim !== null);
}
