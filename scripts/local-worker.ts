import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import type { D1Database, R2Bucket } from "@cloudflare/workers-types";
import { getPlatformProxy, type PlatformProxy, unstable_startWorker } from "wrangler";
import { applyD1Migrations } from "./apply-d1-migrations.ts";

const ROOT = resolve(import.meta.dirname, "..");
const CONFIG = resolve(ROOT, "wrangler.toml");

export interface LocalWorkerOptions {
  /** Where D1, R2 and the Durable Objects keep their files; survives a restart. */
  readonly stateDir: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Worker variables and secrets over those of wrangler.toml. */
  readonly variables: Readonly<Record<string, string>>;
  /** True where `prepareLocalWorker` was called for the state already. */
  readonly isPrepared?: boolean;
  /** The Worker's module, where it is another than that of wrangler.toml. */
  readonly entrypoint?: string;
  /** Opens the inspector, for measuring the heap. */
  readonly inspect?: boolean;
  /** Called with each line the Worker logs. */
  readonly log?: (line: string) => void;
}

export interface LocalWorker {
  /** The Worker's address, without a trailing slash. */
  readonly url: string;
  /** The runtime's own address: what goes to `url` passes a proxy, a second runtime that reloads the Worker without a cut. */
  readonly runtimeUrl: string;
  /** The inspector's address, where it was asked for. */
  readonly inspectorUrl: string | null;
  /** Where `runCron` starts the jobs; only who knows it can. */
  readonly cronUrl: string;
  /** Runs the cron jobs of a minute: the local runtime has no cron of its own. */
  tick(scheduledTime: Date): Promise<void>;
  stop(): Promise<void>;
}

// Else the local runtime asks cloudflare.com for a made-up `request.cf` at each start.
process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";
// The local runtime does not keep to the level that `unstable_startWorker` is given.
process.env.WRANGLER_LOG ??= "error";
// Without access control, any page in the machine's browser could read and change the stores through them.
process.env.X_LOCAL_EXPLORER = "false";
process.env.X_LOCAL_OBSERVABILITY = "false";

/** What a Worker needs before it starts: it migrates the D1 of a state, and makes the assets. */
export async function prepareLocalWorker(stateDir: string): Promise<void> {
  await Promise.all([migrate(stateDir), run([resolve(import.meta.dirname, "build-assets.ts")], "The build of the assets")]);
}

/** The real built Worker in the local runtime, with its D1 migrated and its assets made. */
export async function startLocalWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  if (options.isPrepared !== true) await prepareLocalWorker(options.stateDir);
  // The address of the cron is open to any page in the machine's browser; the Worker accepts it under this name only.
  const cronKey = randomBytes(16).toString("hex");
  // Whoever looks at a local Worker wants to see what it stores at once.
  const variables = { ANSWER_CACHE: "false", ...options.variables, LOCAL_CRON_KEY: cronKey };
  const worker = await unstable_startWorker({
    config: CONFIG,
    ...(options.entrypoint === undefined ? {} : { entrypoint: options.entrypoint }),
    bindings: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { type: "plain_text", value }])),
    // What it does is done above: wrangler would do it twice, and from the folder it is called in.
    build: { custom: { command: "" } },
    dev: {
      persist: resolve(options.stateDir),
      server: { hostname: "127.0.0.1", port: options.port ?? 0 },
      inspector: options.inspect === true ? { hostname: "127.0.0.1", port: 0 } : false,
      watch: false,
      liveReload: false,
      logLevel: "error",
      structuredLogsHandler: (entry: { readonly message: string }) => options.log?.(entry.message),
    },
  });
  const loaded = once(worker.raw, "reloadComplete");
  await worker.ready;
  const url = (await worker.url).origin;
  const cronUrl = `${url}/cdn-cgi/local/scheduled?cron=${cronKey}`;
  const inspectorUrl = options.inspect === true ? await worker.inspectorUrl : undefined;
  const [{ proxyData }] = (await loaded) as [
    { readonly proxyData: { readonly userWorkerUrl: Readonly<Record<"protocol" | "hostname" | "port", string>> } },
  ];
  const { protocol, hostname, port } = proxyData.userWorkerUrl;
  return {
    url,
    runtimeUrl: `${protocol}//${hostname}:${port}`,
    inspectorUrl: inspectorUrl?.href ?? null,
    cronUrl,
    tick: (scheduledTime) => runCron(cronUrl, scheduledTime),
    stop: () => worker.dispose(),
  };
}

/**
 * Runs the cron jobs of a minute on a local Worker.
 *
 * @throws where a job failed
 */
export async function runCron(cronUrl: string, scheduledTime: Date, signal?: AbortSignal): Promise<void> {
  const url = `${cronUrl}&time=${scheduledTime.getTime()}`;
  const response = await fetch(url, signal === undefined ? {} : { signal });
  if (!response.ok) throw new Error(`cron run answered ${response.status}: ${await response.text()}`);
}

export type LocalStorage = PlatformProxy<{ readonly DB: D1Database; readonly BUCKET: R2Bucket }>;

/** The Worker's D1 and R2, to look into them from outside. */
export function openStorage(stateDir: string): Promise<LocalStorage> {
  return getPlatformProxy({ configPath: resolve(import.meta.dirname, "local-storage.toml"), persist: { path: resolve(stateDir, "v3") } });
}

/** Brings the D1 of a state folder up to date. */
async function migrate(stateDir: string): Promise<void> {
  const storage = await openStorage(stateDir);
  try {
    await applyD1Migrations(storage.env.DB);
  } finally {
    await storage.dispose();
  }
}

function run(args: readonly string[], what: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { env: { ...process.env, CI: "true" }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (part: Buffer) => (output += part.toString()));
    child.stderr.on("data", (part: Buffer) => (output += part.toString()));
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(`${what} failed:\n${output}`))));
  });
}
