import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { prepareLocalWorker } from "../../scripts/local-worker.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The state of a Worker that has not run yet, its D1 migrated. */
    readonly migratedState: string;
  }
}

/** Migrates one state, which every test copies, and makes the assets, which all of them share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const migratedState = await mkdtemp(join(tmpdir(), "liquidations-migrated-"));
  await prepareLocalWorker(migratedState);
  project.provide("migratedState", migratedState);
  return () => rm(migratedState, { recursive: true, force: true });
}
