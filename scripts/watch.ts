import { parseArgs } from "node:util";
import type { StreamOptions } from "../clients/typescript/src/index.ts";
import { CHANNELS } from "../src/stream/filter.ts";
import { runCommand } from "./command-line.ts";
import { interruption } from "./interruption.ts";
import { readNumberOption } from "./number-option.ts";
import { watchStream } from "./watch/watch-stream.ts";

const USAGE = `npm run watch -- [--symbol BTC,ETH] [--exchange NAMES] [--side long|short] [--min-usd USD] [--url URL] [--json]

The live stream of a Worker in this terminal: liquidations, cascades, signals and feeds as they happen, and once a minute
the sums of the last 15. It connects again by itself and continues where it was.
  --symbol    base assets, separated by commas (default all)
  --exchange  venues, separated by commas (default all)
  --side      long or short: the side of the closed positions
  --min-usd   only liquidations of at least this value
  --from      begin with a replay from this time (ISO 8601 or ms since 1970)
  --speed     of the replay: 1 to 1000 times (default 1)
  --url       the Worker's address (default LIQUIDATIONS_URL in the environment, else http://localhost:8787)
  --key       an API key, where reading needs one (default LIQUIDATIONS_KEY in the environment)
  --json      print each item of the stream as a line of JSON

Ctrl-C ends it.`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      symbol: { type: "string" },
      exchange: { type: "string" },
      side: { type: "string" },
      "min-usd": { type: "string" },
      from: { type: "string" },
      speed: { type: "string" },
      url: { type: "string", default: process.env["LIQUIDATIONS_URL"] ?? "http://localhost:8787" },
      key: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (!/^https?:/.test(values.url) || !URL.canParse(values.url)) {
    throw new RangeError(`--url is ${JSON.stringify(values.url)}; allowed: an http:// or https:// address`);
  }
  const { symbol, exchange, side, from, speed, "min-usd": minUsd } = values;
  if (side !== undefined && side !== "long" && side !== "short") {
    throw new RangeError(`--side is ${JSON.stringify(side)}; allowed: long, short`);
  }
  const options: StreamOptions = {
    channels: CHANNELS,
    ...(symbol === undefined ? {} : { symbol: symbol.toUpperCase() }),
    ...(exchange === undefined ? {} : { exchange: exchange.toLowerCase() }),
    ...(side === undefined ? {} : { side }),
    ...(minUsd === undefined ? {} : { min_usd: readNumberOption("--min-usd", minUsd, 0, 1e12) }),
    ...(from === undefined ? {} : { from }),
    ...(speed === undefined ? {} : { speed: readNumberOption("--speed", speed, 1, 1_000) }),
  };
  const key = values.key ?? process.env["LIQUIDATIONS_KEY"] ?? null;
  return { url: values.url.replace(/\/+$/, ""), key, options, json: values.json };
}

await runCommand({
  usage: USAGE,
  readOptions,
  async run({ options, ...watch }) {
    const end = new AbortController();
    void interruption().then(() => end.abort());
    await watchStream({ ...watch, options: { ...options, signal: end.signal }, print: (text) => console.log(text) });
    return 0;
  },
});
