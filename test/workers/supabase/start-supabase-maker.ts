import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

/**
 * Starts the maker of Supabase projects. A process of its own, since what is imported here is resolved for workerd and
 * the Postgres client would be its edition for there.
 */
export async function startSupabaseMaker(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const script = resolve(import.meta.dirname, "supabase-maker.ts");
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return {
    url: line.toString().trim(),
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
