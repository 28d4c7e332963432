import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CONFIG_NAMES, parseConfig } from "../src/config.ts";
import { keptAdminToken } from "./admin-token.ts";
import { Advice, runCommand } from "./command-line.ts";
import { readFeeds } from "./demo/read-feeds.ts";
import { statusTables } from "./demo/status-table.ts";
import { interruption, onInterruption } from "./interruption.ts";
import { startCron } from "./local-cron.ts";
import { requireFolder, requirePort } from "./machine.ts";
import { readPortOption } from "./number-option.ts";
import { LogFile } from "./start/log-file.ts";
import { newsIn } from "./start/log-news.ts";
import { watchStream } from "./watch/watch-stream.ts";
import { messageOf } from "../src/message-of.ts";

/** Connects and losses are printed from the log, with their reasons. */
const STREAM = { channels: "liquidation,cascade,signal,totals" };

const USAGE = `npm start -- [--port P] [--state DIR] [--venues URL] [--var NAME:VALUE ...] [--verbose]

The Worker on this machine against the live venues, with an embedded Supabase unless SUPABASE_URL is given.
  --port     of the Worker (default 8787; 0 for any free one)
  --state    folder of D1, R2, Supabase and the objects; survives a restart (default .liquidations)
  --venues   the control address that "npm run simulate" prints: its venues take the place of the live ones
  --var      a variable or secret of the Worker, as often as wanted: --var LIQUIDATION_SYMBOLS:BTC,ETH
  --verbose  show everything the Worker logs

It prints the live stream, as npm run watch does, connects, losses and spikes as they happen, and the status every minute. The log is in the folder logs
of the state: five files of 10 MB at most.

Ctrl-C ends it. What a feed has not stored yet is stored at the next start with the same --state.`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      state: { type: "string", default: ".liquidations" },
      venues: { type: "string" },
      var: { type: "string", multiple: true, default: [] },
      verbose: { type: "boolean", default: false },
    },
  });
  const variables = Object.fromEntries(values.var.map(readVariable));
  parseConfig(variables);
  return { ...values, port: readPortOption(values.port), variables };
}

function readVariable(text: string): [name: string, value: string] {
  const split = text.indexOf(":");
  const name = text.slice(0, Math.max(split, 0));
  const names: readonly string[] = CONFIG_NAMES;
  if (!names.includes(name)) throw new RangeError(`--var is ${JSON.stringify(text)}; allowed: NAME:VALUE with one of ${names.join(", ")}`);
  return [name, text.slice(split + 1)];
}

async function start(options: ReturnType<typeof readOptions>): Promise<number> {
  const stateDir = resolve(options.state);
  await requirePort(options.port);
  await requireFolder("--state", stateDir);
  onInterruption(() => process.exit(130));
  const venues = options.venues === undefined ? {} : await simulatedVenues(options.venues);
  // Loaded late: what a machine lacks is said before megabytes of tools are read.
  const [{ startSupabase }, { startLocalWorker }] = await Promise.all([import("./supabase/embedded.ts"), import("./local-worker.ts")]);
  const admin = options.variables.ADMIN_TOKEN === undefined ? await keptAdminToken(stateDir) : null;
  const hosted = options.variables.SUPABASE_URL !== undefined;
  const supabase = hosted ? null : await startSupabase({ dataDir: join(stateDir, "supabase") });
  const logFile = new LogFile(join(stateDir, "logs"));
  const token = admin?.token ?? options.variables.ADMIN_TOKEN ?? null;
  const worker = await startLocalWorker({
    stateDir,
    port: options.port,
    variables: {
      ANSWER_CACHE: "true",
      LOCAL_DEVELOPMENT: "true",
      ...(admin === null ? {} : { ADMIN_TOKEN: admin.token }),
      ...(supabase === null ? {} : { SUPABASE_URL: supabase.url, SUPABASE_SECRET_KEY: supabase.secretKey }),
      ...venues,
      ...options.variables,
    },
    log(line) {
      const failure = logFile.write(line);
      if (failure !== null) console.error(`The log file cannot be written: ${failure}`);
      if (options.verbose) console.log(line);
      const news = newsIn(line, Date.now());
      if (news !== null) console.log(news);
    },
  });
  console.log(`The Worker is at ${worker.url} (dashboard /, API /v1/status). State in ${stateDir}. Ctrl-C ends it.`);
  if (admin !== null) console.log(`The admin token is in ${admin.file}.`);
  console.log(`The log is in ${logFile.path}.`);
  const started = Date.now();
  const stopCron = startCron(worker, async () => console.log(`\n${statusTables(await readFeeds(worker.url), Date.now() - started)}`));
  const end = new AbortController();
  const request = { url: worker.url, key: token, options: { ...STREAM, signal: end.signal } };
  const watching = watchStream({ ...request, print: (text) => console.log(text) }).catch((error: unknown) =>
    console.error(messageOf(error)),
  );
  await interruption();
  end.abort();
  await watching;
  stopCron();
  await worker.stop();
  await supabase?.stop();
  return 0;
}

/** The variables that point the Worker at the venues of `npm run simulate`. */
async function simulatedVenues(control: string): Promise<Record<string, string>> {
  try {
    const response = await fetch(new URL("/control/environment", control));
    if (response.ok) return (await response.json()) as Record<string, string>;
  } catch {
    // Said below: whatever the reason, there are no venues.
  }
  throw new Advice(`--venues is ${JSON.stringify(control)}, where no simulated venues answer; start them: npm run simulate`);
}

await runCommand({ usage: USAGE, readOptions, run: start });
