import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CONFIG_NAMES, parseConfig } from "../src/config.ts";
import { readFeeds } from "./demo/read-feeds.ts";
import { statusTables } from "./demo/status-table.ts";
import { startCron } from "./local-cron.ts";
import { startLocalWorker } from "./local-worker.ts";
import { readNumberOption } from "./number-option.ts";
import { startSupabase } from "./supabase/embedded.ts";

const USAGE = `npm start -- [--port P] [--state DIR] [--var NAME:VALUE ...] [--verbose]

The Worker on this machine against the live venues, with an embedded Supabase unless SUPABASE_URL is given.
  --port     of the Worker (default 8787)
  --state    folder of D1, R2, Supabase and the objects; survives a restart (default .liquidations)
  --var      a variable or secret of the Worker, as often as wanted: --var LIQUIDATION_SYMBOLS:BTC,ETH
  --verbose  show what the Worker logs`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      state: { type: "string", default: ".liquidations" },
      var: { type: "string", multiple: true, default: [] },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const variables = Object.fromEntries(values.var.map(readVariable));
  parseConfig(variables);
  return { ...values, port: readNumberOption("--port", values.port, 0, 65_535), variables };
}

function readVariable(text: string): [name: string, value: string] {
  const split = text.indexOf(":");
  const name = text.slice(0, Math.max(split, 0));
  const names: readonly string[] = CONFIG_NAMES;
  if (!names.includes(name)) throw new RangeError(`--var is ${JSON.stringify(text)}; allowed: NAME:VALUE with one of ${names.join(", ")}`);
  return [name, text.slice(split + 1)];
}

async function start(options: ReturnType<typeof readOptions>): Promise<void> {
  const stateDir = resolve(options.state);
  const hosted = options.variables.SUPABASE_URL !== undefined;
  const supabase = hosted ? null : await startSupabase({ dataDir: join(stateDir, "supabase") });
  const worker = await startLocalWorker({
    stateDir,
    port: options.port,
    variables: {
      LOCAL_DEVELOPMENT: "true",
      ...(supabase === null ? {} : { SUPABASE_URL: supabase.url, SUPABASE_SECRET_KEY: supabase.secretKey }),
      ...options.variables,
    },
    log: (line) => options.verbose && console.log(line),
  });
  console.log(`The Worker is at ${worker.url} (dashboard /, API /v1/status). State in ${stateDir}. Ctrl-C ends it.`);
  const started = Date.now();
  const stopCron = startCron(worker, async () => console.log(`\n${statusTables(await readFeeds(worker.url), Date.now() - started)}`));
  await new Promise<void>((ended) => {
    process.once("SIGINT", () => ended());
    process.once("SIGTERM", () => ended());
  });
  stopCron();
  await worker.stop();
  await supabase?.stop();
}

let options: ReturnType<typeof readOptions>;
try {
  options = readOptions();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
start(options).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
