import type { Config } from "../../src/config.ts";
import { type SilenceReport, silenceReport } from "../../src/silence/silence-report.ts";
import { readFittedVenues, readSilenceState } from "../d1/silence-rows.ts";

/** Whether the silence of each configured venue, and of its base assets, is explained by the others. */
export async function readSilences(db: D1Database, config: Pick<Config, "LIQUIDATION_EXCHANGES">): Promise<readonly SilenceReport[]> {
  const [state, fitted] = await Promise.all([readSilenceState(db), readFittedVenues(db)]);
  return config.LIQUIDATION_EXCHANGES.map((exchange) => silenceReport(exchange, fitted, state));
}
