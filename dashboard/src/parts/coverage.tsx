import type { Coverage as CoverageKind } from "../../../src/liquidation.ts";
import { shareText } from "./format.ts";
import { Hint } from "./hint.tsx";

/** What each kind of coverage means. */
export const COVERAGE_TEXT: Readonly<Record<CoverageKind, string>> = {
  all_reported: "The venue reports every liquidation.",
  largest_per_second: "The venue reports at most the largest liquidation of a contract per second, so its part is a lower bound.",
  largest_per_side_second:
    "The venue reports at most the largest liquidation of a contract and side per second, so its part is a lower bound.",
  sampled: "The venue reports a sample of its liquidations, so its part is a lower bound.",
  inferred: "No venue reported these: they are inferred from trades and open interest, and no total includes them.",
  unknown: "What share of its liquidations the venue reports is not known, so its part is a lower bound.",
  none: "The venue publishes no liquidations.",
};

/** How a venue's part is filled: solid where it reports all, hatched where it throttles, dotted where it is inferred. */
export function fillOf(kind: CoverageKind): "solid" | "hatched" | "dotted" {
  if (kind === "all_reported") return "solid";
  return kind === "inferred" ? "dotted" : "hatched";
}

/** The share of venue time that was connected, as a bar with its number. */
export function UptimeShare({ share, label = "covered" }: { readonly share: number; readonly label?: string }) {
  const text = `${shareText(share)} of venue time was connected, weighed by the venues' USD of the last 7 days. Missing time makes totals too small.`;
  return (
    <Hint hint={text} class={share < 0.95 ? "uptime uptime-low" : "uptime"}>
      <span class="uptime-bar" aria-hidden="true">
        <span class="uptime-part" style={{ width: `${share * 100}%` }} />
      </span>
      <span class="num">{shareText(share)}</span> {label}
    </Hint>
  );
}
