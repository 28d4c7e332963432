import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { type LocalWorker, startLocalWorker } from "../../scripts/local-worker.ts";

/** A state of a test's own, with its D1 migrated and nothing in it. @returns its folder, which the test removes */
export async function newState(): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-e2e-"));
  await cp(inject("migratedState"), stateDir, { recursive: true });
  return stateDir;
}

/** A Worker of a test asks no live venue and no page of one, whatever else it is given. */
const NO_VENUE_WATCH = { LIQUIDATION_CHANGE_LOGS: "none", LIQUIDATION_PROBES: "none" } as const;

/** The built Worker on a state of `newState`, at any free port. */
export function startBuiltWorker(
  stateDir: string,
  variables: Readonly<Record<string, string>>,
  log: (line: string) => void = () => undefined,
): Promise<LocalWorker> {
  return startLocalWorker({ stateDir, variables: { ...NO_VENUE_WATCH, ...variables }, isPrepared: true, log });
}
