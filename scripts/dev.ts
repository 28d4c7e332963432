import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createServer } from "vite";
import { runCommand } from "./command-line.ts";
import { interruption } from "./interruption.ts";
import { requirePort } from "./machine.ts";
import { readPortOption } from "./number-option.ts";

const USAGE = `npm run dev -- [--port P] [--worker URL]

The dashboard with reload, in front of a Worker that runs already: "npm run demo -- --minutes 60" or "npm start" in another terminal.
  --port    of the dashboard (default 5173; 0 for any free one)
  --worker  address of the Worker (default http://127.0.0.1:8787)

Ctrl-C ends it.`;

/** What the Worker answers; everything else is the dashboard's. */
const OF_WORKER = "^/(v1|docs|docs-assets|stream|mcp|health|ready|metrics|openapi\\.json|asyncapi\\.json|llms\\.txt)(/|\\?|$)";

function readOptions() {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "5173" }, worker: { type: "string", default: "http://127.0.0.1:8787" } },
  });
  if (!URL.canParse(values.worker)) throw new RangeError(`--worker is ${JSON.stringify(values.worker)}; allowed: an http address`);
  return { port: readPortOption(values.port), worker: values.worker };
}

async function dev({ port, worker }: ReturnType<typeof readOptions>): Promise<number> {
  await requirePort(port);
  const server = await createServer({
    configFile: resolve(import.meta.dirname, "../dashboard/vite.config.ts"),
    server: { host: "127.0.0.1", port, strictPort: port !== 0, proxy: { [OF_WORKER]: { target: worker, ws: true } } },
  });
  await server.listen();
  console.log(`dashboard    ${server.resolvedUrls?.local[0] ?? ""}\nWorker       ${worker}`);
  await interruption();
  await server.close();
  return 0;
}

await runCommand({ usage: USAGE, readOptions, run: dev });
