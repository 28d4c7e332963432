import { once } from "node:events";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { completeLiquidation } from "../src/complete-liquidation.ts";
import { ConfigError, parseConfig } from "../src/config.ts";
import type { Exchange, Instrument, FeedMessage, Scope } from "../src/exchanges/exchange.ts";
import { exchanges } from "../src/exchanges/registry.ts";
import { EXCHANGES } from "../src/liquidation-fields.ts";
import { messageOf } from "../src/message-of.ts";

const USAGE = "normalize --exchange NAME [--symbols LIST] [--instruments FILE]";

const HELP = `${USAGE}

Reads raw frames of a venue on stdin, one per line, as one socket session, and writes their liquidations to stdout as
JSON lines. It uses the same adapter as the Worker. Fields that only the running collector knows (market context, other
venues) are null. A frame without a liquidation writes nothing. A malformed frame is reported on stderr with its line
number, and the run continues. An event that is repeated in the input is written again, with the same event_id.

  --exchange NAME      ${EXCHANGES.join(", ")}
  --symbols LIST       base assets such as BTC,ETH,SOL, or '*' for all (default: ${[...parseConfig({}).LIQUIDATION_SYMBOLS].join(",")})
  --instruments FILE   the venue's REST response with its contracts, or one response per line, for the contract sizes
                       of instruments that are not built in
  --help
`;

class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

interface Arguments {
  readonly exchange: Exchange;
  readonly symbols: Scope["symbols"];
  readonly instrumentsFile: string | null;
}

/** Null where help is requested. */
function readArguments(given: readonly string[]): Arguments | null {
  const { values } = parseGiven(given);
  if (values.help === true) return null;
  const name = EXCHANGES.find((each) => each === values.exchange?.toLowerCase());
  if (name === undefined) {
    const found = values.exchange === undefined ? "--exchange is missing" : `--exchange is ${JSON.stringify(values.exchange)}`;
    throw new ArgumentError(`${found}; allowed: ${EXCHANGES.join(", ")}`);
  }
  return { exchange: exchanges[name], symbols: readSymbols(values.symbols), instrumentsFile: values.instruments ?? null };
}

function parseGiven(given: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...given],
      options: { exchange: text, symbols: text, instruments: text, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    const [reason] = messageOf(error).split("\n");
    throw new ArgumentError(`${reason}; allowed: ${USAGE}`);
  }
}

/** The same list as the Worker's LIQUIDATION_SYMBOLS, except that an empty list is an error. */
function readSymbols(list: string | undefined): Scope["symbols"] {
  try {
    return parseConfig({ LIQUIDATION_SYMBOLS: list?.trim() === "" ? "," : list }).LIQUIDATION_SYMBOLS;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ArgumentError(error.message.replace("LIQUIDATION_SYMBOLS", "--symbols").replace('","', JSON.stringify(list)));
  }
}

async function readScope({ exchange, symbols, instrumentsFile }: Arguments): Promise<Scope> {
  const loaded = instrumentsFile === null ? [] : await loadInstruments(exchange, instrumentsFile);
  const all = [...exchange.fallbackInstruments, ...loaded];
  return { symbols, instruments: new Map(all.map((instrument) => [instrument.instrument, instrument])) };
}

/** Answers the adapter's request for the venue's table from the file, page after page. */
async function loadInstruments(exchange: Exchange, file: string): Promise<readonly Instrument[]> {
  try {
    const answers = restAnswers(readFileSync(file, "utf8"));
    const request = async (): Promise<unknown> => {
      if (answers.length === 0) throw new Error("it holds no response, or fewer than the venue's table needs");
      return answers.shift();
    };
    const instruments = [...(await exchange.loadInstruments(request, { ws: "", rest: "" }))];
    while (answers.length > 0) instruments.push(...(await exchange.loadInstruments(request, { ws: "", rest: "" })));
    return instruments;
  } catch (error) {
    const reason = messageOf(error);
    throw new ArgumentError(
      `--instruments ${file}: ${reason}; allowed: the REST response of ${exchange.name} with its contracts, or one per line`,
    );
  }
}

/** The last response counts as the last page, whatever its cursor says. */
function restAnswers(text: string): unknown[] {
  const whole = text.replace(/^\uFEFF/u, "").trim();
  const bodies = whole.includes("\n") && !isJson(whole) ? whole.split("\n").filter((line) => line.trim() !== "") : [whole];
  return bodies.map((body, index): unknown =>
    JSON.parse(body, (key, value: unknown) => (key === "nextPageCursor" && index === bodies.length - 1 ? "" : value)),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Splits at LF or CRLF. `readline` would also split at U+2028 and lone CRs, which may occur inside a frame. The decoder
 * removes a byte order mark.
 */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of input) {
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    rest += first;
    for (const line of others) {
      yield rest;
      rest = line;
    }
  }
  yield rest + decoder.decode();
}

async function normalize(given: Arguments): Promise<void> {
  const decoder = given.exchange.createDecoder(await readScope(given));
  let number = 0;
  for await (const line of linesOf(process.stdin)) {
    number += 1;
    const text = line.trim();
    if (text === "") continue;
    const receivedTime = Date.now();
    for (const message of decoder.decode(text, receivedTime)) await report(message, number, receivedTime);
  }
}

async function report(message: FeedMessage, line: number, receivedTime: number): Promise<void> {
  if (message.kind === "liquidation") {
    const known = { received_time: receivedTime, source: "replay", gap_before_ms: 0 } as const;
    const written = process.stdout.write(`${JSON.stringify(completeLiquidation(message.liquidation, known))}\n`);
    if (!written) await once(process.stdout, "drain");
  }
  if (message.kind === "reject") process.stderr.write(`line ${line}: ${message.reason}: ${message.text.slice(0, 200)}\n`);
}

/** A reader that has enough, such as `head`, ends the run without an error. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}

process.stdout.on("error", endOnClosedPipe);
process.stderr.on("error", endOnClosedPipe);
try {
  const given = readArguments(process.argv.slice(2));
  if (given === null) process.stdout.write(HELP);
  else await normalize(given);
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`normalize: ${error.message}\n`);
  process.exitCode = 2;
}
