import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Advice, runCommand } from "./command-line.ts";
import { VENUE_COUNT } from "../src/exchanges/venue-count.ts";
import { EXCHANGES } from "../src/liquidation-fields.ts";
import { interruption } from "./interruption.ts";
import { requirePort } from "./machine.ts";
import { readNumberOption, readPortOption, readWholeOption } from "./number-option.ts";
import { type CascadeScript, readCascade } from "./simulator/cascade-script.ts";
import { startControl } from "./simulator/control.ts";
import { LIQUIDATING_EXCHANGES } from "./simulator/liquidating-exchanges.ts";
import { environment, startVenues, type Venues } from "./simulator/start-venues.ts";
import { messageOf } from "../src/message-of.ts";

const USAGE = `npm run simulate -- [--port P] [--rate R] [--seed N] [--cascade FILE] [--shares NAME=SHARE,...] [--json]

The ${VENUE_COUNT} venues alone, without the Worker: servers that speak their real protocols and show one seeded market.
  --port     of the first venue; the others and the control server take the ${EXCHANGES.length} ports after it (default 9100; 0 for any)
  --rate     liquidations a second over all venues, before Binance's sampling (default 2)
  --seed     of the market (default 1)
  --cascade  a JSON file with a cascade to play
  --shares   how liquidations spread over the venues: binance=0.1,bybit=0.5
  --json     print all addresses as one line of JSON

"npm start -- --venues URL" with the control address runs the Worker against them. The control server takes more cascades
(POST /control/cascade) and faults of a venue (POST /control/binance/drop, /stall, /refuse). Ctrl-C ends it.`;

const DEFAULT_PORT = "9100";

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      rate: { type: "string", default: "2" },
      port: { type: "string", default: DEFAULT_PORT },
      cascade: { type: "string" },
      shares: { type: "string", default: "" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    json: values.json,
    seed: readWholeOption("--seed", values.seed, 0, 2 ** 31),
    rate: readNumberOption("--rate", values.rate, 0, 1_000),
    port: readPortOption(values.port),
    shares: Object.fromEntries(
      values.shares
        .split(",")
        .filter((part) => part !== "")
        .map(readShare),
    ),
    ...(values.cascade === undefined ? {} : { cascade: readCascadeFile(values.cascade) }),
  };
}

function readShare(part: string): [venue: string, share: number] {
  const [name = "", share = ""] = part.split("=");
  if (!LIQUIDATING_EXCHANGES.some((known) => known === name)) {
    const allowed = LIQUIDATING_EXCHANGES.join(", ");
    throw new RangeError(`--shares has ${JSON.stringify(part)}; allowed: NAME=SHARE with one of ${allowed}`);
  }
  return [name, readNumberOption(`--shares of ${name}`, share, 0, 1_000)];
}

function readCascadeFile(path: string): CascadeScript {
  try {
    return readCascade(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new Advice(`--cascade is ${JSON.stringify(path)}, which is no cascade: ${messageOf(error)}`);
  }
}

async function simulate({ json, ...options }: ReturnType<typeof readOptions>): Promise<number> {
  const { port } = options;
  if (port !== 0) for (let offset = 0; offset <= EXCHANGES.length; offset += 1) await requirePort(port + offset);
  const venues = await startVenues(options);
  const control = await startControl(venues, port === 0 ? 0 : port + EXCHANGES.length);
  if (json) {
    const addresses = Object.fromEntries(venues.all().map(({ name, urls }) => [name, urls]));
    console.log(JSON.stringify({ control: control.url, venues: addresses, environment: environment(venues) }));
  } else {
    console.log(greeting(venues, control.url));
  }
  await interruption();
  await Promise.all([control.stop(), venues.stop()]);
  return 0;
}

function greeting(venues: Venues, control: string): string {
  return [
    `${EXCHANGES.length} simulated venues are up:`,
    ...venues.all().map(({ name, urls }) => `  ${name.padEnd(8)}  ${urls.rest}`),
    `  control   ${control}/control/status`,
    "",
    `Run the Worker against them:  npm start -- --venues ${control}`,
    "Ctrl-C ends them.",
  ].join("\n");
}

await runCommand({ usage: USAGE, readOptions, run: simulate });
