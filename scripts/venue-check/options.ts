import { parseArgs } from "node:util";
import { type Config, ConfigError, parseConfig } from "../../src/config.ts";
import type { Endpoints, Exchange } from "../../src/exchanges/exchange.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import { venueVariables } from "../../src/exchanges/venue-variables.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { readWholeOption } from "../number-option.ts";

export const USAGE = `npm run --silent venue-check -- --exchange NAME [--seconds N] [--symbols LIST] [--url URL] [--rest-url URL] [--out FILE]

Connects to a venue by the adapter and the sockets of the collector, collects for a while, compares what comes with what
docs/venues.md says of the venue, and prints a report in Markdown: each claim seen, contradicted or not seen, with the numbers.
It has no tokens, keys, queries or paths of base addresses, only hosts and the venue's own paths, so it can be sent to us unchanged.

  --exchange  one of ${EXCHANGES.join(", ")}
  --seconds   how long to collect (default 120); liquidations are rare, so an hour says more. Ctrl-C ends it early
  --symbols   base assets such as BTC,ETH,SOL, or '*' for all (default '*')
  --url       base address of the sockets, wss:// or https:// (default: the venue's own)
  --rest-url  base address of its requests (default: the venue's own)
  --out       a file for the report instead of the standard output

Exit code 1 if a claim is contradicted, a socket was not reached or a request of the evidence table failed, and at once if the
venue's table has no contract of a base asset of --symbols.`;

export interface VenueCheckOptions {
  readonly exchange: Exchange;
  readonly endpoints: Endpoints;
  readonly symbols: ReadonlySet<string> | "*";
  readonly seconds: number;
  readonly out: string | null;
}

/** @throws {RangeError | ConfigError} naming the option, its value and what is allowed */
export function readVenueCheckOptions(args: readonly string[]): VenueCheckOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      exchange: text,
      seconds: { ...text, default: "120" },
      symbols: { ...text, default: "*" },
      url: text,
      "rest-url": text,
      out: text,
    },
  });
  const exchange = readExchange(values.exchange);
  const { ws, rest } = venueVariables(exchange);
  const config = readAsConfig([
    { option: "--symbols", variable: "LIQUIDATION_SYMBOLS", value: values.symbols },
    // Venues' documents name their sockets so; those are opened by an HTTP request with an upgrade.
    { option: "--url", variable: ws, value: values.url?.replace(/^ws(s?):/i, "http$1:") },
    { option: "--rest-url", variable: rest, value: values["rest-url"] },
  ]);
  return {
    exchange,
    endpoints: config.venues[exchange.name].endpoints,
    symbols: config.LIQUIDATION_SYMBOLS,
    seconds: readWholeOption("--seconds", values.seconds, 1, 86_400),
    out: values.out ?? null,
  };
}

interface ConfigOption {
  readonly option: string;
  /** The variable that it stands for. */
  readonly variable: string;
  readonly value: string | undefined;
}

/**
 * By the configuration's own readers, so that an address or a list is judged as the Worker's.
 * @throws {ConfigError} naming the options, where the readers name variables
 */
function readAsConfig(options: readonly ConfigOption[]): Config {
  try {
    return parseConfig(Object.fromEntries(options.map(({ variable, value }) => [variable, value])));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const optionOf = (line: string) => options.find(({ variable }) => line.startsWith(`${variable} `));
    const lines = error.message.split("\n").map((line) => {
      const named = optionOf(line);
      return named === undefined ? line : `${named.option}${line.slice(named.variable.length)}`;
    });
    throw new ConfigError(lines.join("\n"), { cause: error });
  }
}

function readExchange(text: string | undefined): Exchange {
  const name = EXCHANGES.find((known) => known === text?.toLowerCase());
  if (name !== undefined) return exchanges[name];
  const found = text === undefined ? "--exchange is missing" : `--exchange is ${JSON.stringify(text)}`;
  throw new RangeError(`${found}; allowed: ${EXCHANGES.join(", ")}`);
}
