import type { Decision } from "../../stream/frames.ts";
import { Unknown } from "../../parts/unknown.tsx";

/** The probability that the graded decisions support, beside what the analyst states. */
export function Calibrated({
  decision: { action, calibrated_probability: probability },
}: {
  readonly decision: Pick<Decision, "action" | "calibrated_probability">;
}) {
  if (action === "NOTHING") return null;
  if (probability === null) return <Unknown reason="Fewer than 100 decisions of this analyst, model and prompt are graded." />;
  return <span class="num">{(100 * probability).toFixed(0)}%</span>;
}
