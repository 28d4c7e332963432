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

/** The built Worker on a state of `newState`, at any free port. */
export function startBuiltWorker(
  stateDir: string,
  variables: Readonly<Record<string, string>>,
  log: (line: string) => void = () => undefined,
): Promise<LocalWorker> {
  return startLocalWorker({ stateDir, variables, isPrepared: true, log });
}
