import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { wholeMinutes } from "../../src/backtest/replay-days.ts";
import { type Config, type ConfigName, ConfigError, parseConfig } from "../../src/config.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { messageOf } from "../../src/message-of.ts";

export const USAGE = `npm run backtest -- --from T --to T [--data DIR|URL] [options]

Replays stored liquidations through the windows, spike rule and analyst of the live agent, each minute only with data
known at that time, and prints the scoreboard next to its baselines. The ledger starts empty at --from.
  --from, --to   range of minutes to apply the spike rule to, half-open: ISO 8601 (2026-11-20, 2026-11-20T14:05Z) or ms.
                 Thirty days before it are read for the history of the windows and one day after it for the grades, if
                 they are stored
  --data         a folder or its http(s) URL with daily/liquidation_YYYYMMDD.parquet; a folder may also hold
                 liquidations/v1/date=YYYY-MM-DD/venue=<venue>/*.parquet. Default: the current folder
  --symbols      base assets such as BTC,ETH, or * for the 25 busiest. Default: BTC,ETH,SOL
  --analyst      rules (the rule model), or recorded (the verdicts in --ledger by signal id). Default: rules
  --ledger       the recorded ledger, one record of /v1/signals per line
  --marks        mark prices for the grades: JSON lines, or CSV with a header, with minute,symbol,open,high,low,close and
                 minute in ms or ISO 8601. Default: the mark prices of the liquidations, known only for their minutes
  --window, --threshold, --percentile, --floor, --cooldown
                 settings of the spike rule: minutes, rise (0.5 is 50 %), percentile of a rise (0: the rise alone), USD,
                 minutes. Defaults: 15, 0.5, 0.9, 100000, 15`;

/** Invalid arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Options {
  readonly judged: TimeRange;
  readonly data: string;
  readonly config: Config;
  /** The file of the recorded ledger; null where the rule model decides. */
  readonly ledger: string | null;
  readonly marks: string | null;
}

/** The options that are variables of the Worker's configuration. */
const VARIABLES: Readonly<Record<string, ConfigName>> = {
  symbols: "LIQUIDATION_SYMBOLS",
  window: "LIQUIDATION_COMPARISON_WINDOW",
  threshold: "LIQUIDATION_THRESHOLD",
  percentile: "LIQUIDATION_SPIKE_PERCENTILE",
  floor: "LIQUIDATION_SPIKE_FLOOR_USD",
  cooldown: "LIQUIDATION_SIGNAL_COOLDOWN_MINUTES",
};
const NAMES = ["from", "to", "data", "analyst", "ledger", "marks", ...Object.keys(VARIABLES)];

type Given = Readonly<Record<string, string | boolean | undefined>>;

/**
 * @returns null where help is requested
 * @throws {UsageError} naming each invalid option, its value and what is allowed
 */
export function readOptions(args: readonly string[]): Options | null {
  const given = parse(args);
  if (given.help === true) return null;
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  const judged = wholeMinutes({ start: time("--from", text("from")), end: time("--to", text("to")) });
  if (judged.end <= judged.start)
    throw new UsageError(`--from ${text("from")} --to ${text("to")} holds no minute; allowed: --to after --from`);
  const analyst = text("analyst") ?? "rules";
  if (analyst !== "rules" && analyst !== "recorded") throw notAllowed("--analyst", analyst, "rules, recorded");
  const ledger = text("ledger") ?? null;
  if ((analyst === "recorded") !== (ledger !== null)) throw new UsageError("--analyst recorded and --ledger FILE go together");
  const data = text("data") ?? ".";
  const marks = text("marks") ?? null;
  if (!/^https?:\/\//.test(data)) mustBe("--data", data, "directory");
  if (ledger !== null) mustBe("--ledger", ledger, "file");
  if (marks !== null) mustBe("--marks", marks, "file");
  return { judged, data, config: config(text), ledger, marks };
}

function parse(args: readonly string[]): Given {
  try {
    const options = Object.fromEntries(NAMES.map((name) => [name, { type: "string" as const }]));
    return parseArgs({ args: [...args], options: { ...options, help: { type: "boolean" } } }).values as Given;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nallowed: ${NAMES.map((name) => `--${name}`).join(", ")}, --help`);
  }
}

function time(name: string, text: string | undefined): number {
  const allowed = "an ISO 8601 time such as 2026-11-20 or 2026-11-20T14:05Z, or ms since 1970";
  if (text === undefined) throw new UsageError(`${name} is missing; allowed: ${allowed}`);
  // A time without a zone is UTC, whatever the zone of this machine.
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const zoned = iso?.[1] !== undefined && iso[4] === undefined ? `${text}Z` : text;
  const value = iso !== null ? Date.parse(zoned) : /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw notAllowed(name, text, allowed);
  return value;
}

function config(text: (name: string) => string | undefined): Config {
  try {
    return parseConfig(Object.fromEntries(Object.entries(VARIABLES).map(([name, variable]) => [variable, text(name)])));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = Object.entries(VARIABLES).reduce((lines, [name, variable]) => lines.replaceAll(variable, `--${name}`), error.message);
    throw new UsageError(message);
  }
}

function mustBe(name: string, path: string, kind: "file" | "directory"): void {
  const found = statSync(path, { throwIfNoEntry: false });
  const right = kind === "file" ? found?.isFile() : found?.isDirectory();
  if (right !== true) throw notAllowed(name, path, kind === "file" ? "a file that exists" : "a folder that exists, or an http(s) address");
}

function notAllowed(name: string, value: string, allowed: string): UsageError {
  return new UsageError(`${name} is ${JSON.stringify(value)}; allowed: ${allowed}`);
}
