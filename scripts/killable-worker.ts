import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalWorker } from "./local-worker.ts";

/** The channel on which Node names each process that is spawned, before it runs. */
const SPAWNED = "child_process";
const PATIENCE_MS = 60_000;

/** A local Worker, with the process that runs it within reach. Its `runtimeUrl` is that process, and stays over kills. */
export interface KillableWorker extends LocalWorker {
  /**
   * Kills the process that runs the Worker, its objects, D1 and R2, by SIGKILL, and waits until another one is started on what was
   * stored: the local runtime starts it at once and builds nothing, and alarms wake the objects.
   */
  kill(): Promise<void>;
}

export async function startKillable(start: () => Promise<LocalWorker>): Promise<KillableWorker> {
  const spawned: ChildProcess[] = [];
  const note = (message: unknown) => void spawned.push((message as { readonly process: ChildProcess }).process);
  subscribe(SPAWNED, note);
  const worker = await start();
  const { host } = new URL(worker.runtimeUrl);
  /** Wrangler's own proxy runs in another process of the runtime, which is started before and not killed. */
  const newest = () => spawned.findLast(({ spawnfile }) => spawnfile?.includes("workerd"));
  return {
    ...worker,
    async kill() {
      const killed = newest();
      if (killed === undefined) throw new Error("the runtime was not started");
      const exited = once(killed, "exit");
      killed.kill("SIGKILL");
      await exited;
      for (const deadline = Date.now() + PATIENCE_MS; newest() === killed; await sleep(20)) {
        if (Date.now() > deadline) throw new Error(`the runtime was not started again within ${PATIENCE_MS / 1_000} s`);
      }
      // It listens where the one before did.
      if (newest()?.spawnargs.some((argument) => argument.endsWith(`=${host}`)) !== true) {
        throw new Error("the process that was killed is not the one that ran the Worker");
      }
    },
    async stop() {
      unsubscribe(SPAWNED, note);
      await worker.stop();
    },
  };
}
