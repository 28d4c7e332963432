import { resolve } from "node:path";
import { type LocalWorker, startLocalWorker } from "../local-worker.ts";

export interface ChildOptions {
  readonly stateDir: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether its stores fail when `CAMPAIGN_FAULTS_URL` says so. */
  readonly isFaulty: boolean;
}

/** What the child sends once the Worker runs. */
export type StartedWorker = Pick<LocalWorker, "url" | "cronUrl">;

/** Started by `WorkerProcess` with its options as JSON: runs the Worker, says where, and ends when asked to or when its parent is gone. */
if (import.meta.main) {
  const { isFaulty, ...options } = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;
  const worker = await startLocalWorker({
    ...options,
    isPrepared: true,
    ...(isFaulty ? { entrypoint: resolve(import.meta.dirname, "faulty-worker.ts") } : {}),
    log: (line) => console.log(line),
  });
  process.once("disconnect", () => process.kill(-process.pid, "SIGKILL"));
  process.once("message", () => void worker.stop().finally(() => process.exit(0)));
  process.send?.({ url: worker.url, cronUrl: worker.cronUrl } satisfies StartedWorker);
}
