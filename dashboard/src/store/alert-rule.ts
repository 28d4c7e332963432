import { flowUsd } from "../../../src/flow-usd.ts";
import type { Liquidation } from "../api/schema.ts";

/** After a cut the stream sends what happened meanwhile: that is no news any more. */
const MAX_AGE_MS = 30_000;

/**
 * The USD of a liquidation that is worth a sound, null of one that is not: too small, too old, or inferred, which no venue reported.
 * @param minUsd null where alerts are off
 * @param now the server's time, ms
 */
export function alertUsdOf(event: Liquidation, minUsd: number | null, now: number): number | null {
  const usd = flowUsd(event);
  if (usd === null || minUsd === null || usd < minUsd || event.coverage === "inferred") return null;
  return now - event.event_time > MAX_AGE_MS ? null : usd;
}
