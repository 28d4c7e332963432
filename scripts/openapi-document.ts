import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** What of the Workers runtime is imported by name; nothing of it is used where only the document is made. */
const RUNTIME = `export class DurableObject {} export class WorkflowEntrypoint {} export const env = {};`;

/** Lets Node load the Worker's modules, which import two things that only the Workers runtime has. */
function allowWorkerModules(): void {
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

/** By address, so that the compiler does not take the Worker's modules for Node's. */
function load(path: string): Promise<unknown> {
  return import(new URL(path, import.meta.url).href);
}

/** The document the Worker serves at `/openapi.json`, as its text, made without running the Worker. */
export async function openApiText(): Promise<string> {
  allowWorkerModules();
  const { openApiDocument } = (await load("../workers/api/openapi/openapi-document.ts")) as {
    openApiDocument: (operations: unknown) => object;
  };
  const { OPERATIONS } = (await load("../workers/api/operations.ts")) as { OPERATIONS: unknown };
  return JSON.stringify(openApiDocument(OPERATIONS));
}
