import { once } from "node:events";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { completeLiquidation } from "../src/complete-liquidation.ts";
import { ConfigError, parseConfig } from "../src/config.ts";
import type { Exchange, Instrument, Scope } from "../src/exchanges/exchange.ts";
import { exchanges } from "../src/exchanges/registry.ts";
import { EXCHANGES } from "../src/liquidation-fields.ts";
import type { Liquidation } from "../src/liquidation.ts";
import { messageOf } from "../src/message-of.ts";
import { readRawFrame, rowOfRaw } from "../src/raw-frames/normalize-frame.ts";
import { linesOf } from "./normalize/lines-of.ts";
import { readRawFile } from "./normalize/read-raw-file.ts";

const USAGE = "normalize --exchange NAME [--symbols LIST] [--instruments FILE], or normalize RAW_FILE...";

const HELP = `${USAGE}

Reads raw frames of a venue on stdin, one per line, as one socket session, or the raw files of the API (GET /v1/raw), and
writes their liquidations to stdout as JSON lines. It uses the same adapter as the Worker. Fields that only the running
collector knows (market context, other venues) are null. A frame without a liquidation writes nothing. A malformed frame is
reported on stderr with its line number, and the run continues. An event that is repeated in the input is written again,
with the same event_id. Raw files name their venue, symbols and instruments themselves, and give the stored rows'
received_time and source.

  --exchange NAME      ${EXCHANGES.join(", ")}
  --symbols LIST       base assets such as BTC,ETH,SOL, or '*' for all (default: ${[...parseConfig({}).LIQUIDATION_SYMBOLS].join(",")})
  --instruments FILE   the venue's REST response with its contracts, or one response per line, for the contract sizes
                       of instruments that are not built in
  --help
`;

class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

/** Frames on stdin. */
interface Session {
  readonly exchange: Exchange;
  readonly symbols: Scope["symbols"];
  readonly instrumentsFile: string | null;
}

type Arguments = { readonly session: Session } | { readonly rawFiles: readonly string[] };

/** Null where help is requested. */
function readArguments(given: readonly string[]): Arguments | null {
  const { values, positionals } = parseGiven(given);
  if (values.help === true) return null;
  return positionals.length === 0 ? { session: readSession(values) } : { rawFiles: onlyFiles(values, positionals) };
}

function onlyFiles(values: Values, files: readonly string[]): readonly string[] {
  const option = (["exchange", "symbols", "instruments"] as const).find((name) => values[name] !== undefined);
  if (option === undefined) return files;
  throw new ArgumentError(`${files.join(" ")} together with --${option}, which is for frames on stdin; allowed: ${USAGE}`);
}

type Values = ReturnType<typeof parseGiven>["values"];

function readSession(values: Values): Session {
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
      allowPositionals: true,
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

async function readScope({ exchange, symbols, instrumentsFile }: Session): Promise<Scope> {
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

async function normalizeSession(session: Session): Promise<void> {
  const decoder = session.exchange.createDecoder(await readScope(session));
  let number = 0;
  for await (const line of linesOf(process.stdin)) {
    number += 1;
    const text = line.trim();
    if (text === "") continue;
    const known = { received_time: Date.now(), source: "replay", gap_before_ms: 0 } as const;
    for (const message of decoder.decode(text, known.received_time)) {
      if (message.kind === "liquidation") await write(completeLiquidation(message.liquidation, known));
      if (message.kind === "reject") report(`line ${number}`, message.reason, message.text);
    }
  }
}

async function normalizeRawFile(file: string): Promise<void> {
  try {
    for await (const read of readRawFile(file)) {
      const where = `${file} line ${read.line}`;
      if ("fault" in read) {
        report(where, read.fault, read.text);
        continue;
      }
      for (const message of readRawFrame(read.frame, exchanges[read.frame.exchange])) {
        if (message.kind === "liquidation") await write(rowOfRaw(read.frame, message));
        if (message.kind === "reject") report(where, message.reason, message.text);
      }
    }
  } catch (error) {
    throw new ArgumentError(`${file}: ${messageOf(error)}; allowed: a raw file of the API, as gzip or text`);
  }
}

async function write(row: Liquidation): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(row)}\n`)) await once(process.stdout, "drain");
}

function report(where: string, reason: string, text: string): void {
  process.stderr.write(`${where}: ${reason}: ${text.slice(0, 200)}\n`);
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
  else if ("session" in given) await normalizeSession(given.session);
  else for (const file of given.rawFiles) await normalizeRawFile(file);
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`normalize: ${error.message}\n`);
  process.exitCode = 2;
}
