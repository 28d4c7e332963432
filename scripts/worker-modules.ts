import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** What of the Workers runtime is imported by name; nothing of it is used by what scripts call. */
const RUNTIME = `export class DurableObject {} export class WorkflowEntrypoint {} export const env = {};`;

let isAllowed = false;

/** Lets Node load the Worker's modules, which import two things that only the Workers runtime has. */
function allowWorkerModules(): void {
  if (isAllowed) return;
  isAllowed = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "cloudflare:workers" ? { url: specifier, format: "module", shortCircuit: true } : next(specifier, context),
    load(url, context, next) {
      if (url === "cloudflare:workers") return { format: "module", source: RUNTIME, shortCircuit: true };
      if (!url.endsWith(".wasm")) return next(url, context);
      const bytes = readFileSync(fileURLToPath(url)).toString("base64");
      const source = `export default new WebAssembly.Module(Buffer.from("${bytes}", "base64"));`;
      return { format: "module", source, shortCircuit: true };
    },
  });
}

/**
 * A module of the Worker, loaded by Node. By address, so that the compiler does not take the Worker's modules for Node's.
 * @param path from the project's folder, such as `workers/cron/hour-totals.ts`
 */
export function loadWorkerModule(path: string): Promise<unknown> {
  allowWorkerModules();
  return import(new URL(`../${path}`, import.meta.url).href);
}
