import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { runCron } from "../local-worker.ts";
import type { ChildOptions, StartedWorker } from "./worker-child.ts";

const CHILD = resolve(import.meta.dirname, "worker-child.ts");
const START_TIMEOUT_MS = 120_000;

/** The built Worker in processes of its own, which can be killed and frozen as a machine does it. */
export class WorkerProcess {
  readonly #options: ChildOptions;
  readonly #log: (line: string) => void;
  #child: ChildProcess | null = null;
  #started: StartedWorker | null = null;

  constructor(options: ChildOptions, log: (line: string) => void) {
    this.#options = options;
    this.#log = log;
    process.once("exit", () => this.#signal("SIGKILL"));
  }

  /** The Worker's address; null while it does not run. */
  get url(): string | null {
    return this.#started?.url ?? null;
  }

  /** Starts it and runs its cron jobs, which start the feeds. */
  async start(): Promise<void> {
    // A group of its own: signals reach the runtime under it too.
    const child = spawn(process.execPath, [CHILD, JSON.stringify(this.#options)], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", this.#log);
    const [started] = (await within(START_TIMEOUT_MS, once(child, "message"))) as [StartedWorker];
    this.#started = started;
    await this.cron();
  }

  /** Runs the cron jobs; a Worker whose stores fail may fail them, and the next run makes up for it. */
  async cron(): Promise<void> {
    if (this.#started === null) return;
    const { cronUrl } = this.#started;
    await runCron(cronUrl, new Date(), AbortSignal.timeout(60_000)).catch((error: unknown) => this.#log(`cron: ${String(error)}\n`));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#started = null;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const exited = once(child, "exit");
    this.#signalGroup(child, "SIGKILL");
    await exited;
  }

  freeze(): void {
    this.#signal("SIGSTOP");
  }

  thaw(): void {
    this.#signal("SIGCONT");
  }

  /** Ends it in order, so that its state can be opened. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#started = null;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.send("stop");
    await within(30_000, exited).catch(() => this.#signalGroup(child, "SIGKILL"));
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child !== null) this.#signalGroup(this.#child, signal);
  }

  #signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // already gone
    }
  }
}

async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the Worker took more than ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
