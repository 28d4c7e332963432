import { join, resolve } from "node:path";
import { build } from "vite";

const DASHBOARD = resolve(import.meta.dirname, "../dashboard");

/** Builds the dashboard in memory. @returns its files: `index.html`, and the rest under `app/` by the hash of their content */
export async function dashboardFiles(): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const results = await build({ configFile: join(DASHBOARD, "vite.config.ts"), logLevel: "warn", build: { write: false } });
  const outputs = (Array.isArray(results) ? results : [results]).flatMap((result) => ("output" in result ? result.output : []));
  return new Map(outputs.map((output) => [output.fileName, output.type === "chunk" ? output.code : output.source]));
}
