import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { type ReplayedStrategy, STRATEGIES } from "../../src/backtest/trade.ts";
import { wholeMinutes } from "../../src/backtest/replay-days.ts";
import { type Config, type ConfigName, ConfigError, parseConfig } from "../../src/config.ts";
import { HORIZON_NAMES, type Horizon } from "../../src/grades/grade.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { messageOf } from "../../src/message-of.ts";
import { type GridAxis, readGrid } from "./grid-option.ts";
import { UsageError, notAllowed, oneOf } from "./usage-error.ts";

/** Where the data is. */
export type DataOption =
  | { readonly kind: "data"; readonly path: string }
  | { readonly kind: "url"; readonly url: string; readonly key: string | null; readonly cache: string }
  | { readonly kind: "state"; readonly path: string };

/** Where the minute marks come from. */
export type MarksOption = { readonly kind: "data" } | { readonly kind: "events" } | { readonly kind: "file"; readonly path: string };

export interface Options {
  readonly judged: TimeRange;
  readonly data: DataOption;
  readonly marks: MarksOption;
  readonly config: Config;
  /** The options of the rule, for the configurations of a grid. */
  readonly rule: Readonly<Record<string, string | undefined>>;
  /** The file of the recorded ledger; null where the rule model decides. */
  readonly ledger: string | null;
  /** The file of a trained rule model; null where today's rules decide. */
  readonly rules: string | null;
  /** The file of a rule in the language of rules, which is followed instead of the agent; null without. */
  readonly ownRule: string | null;
  /** How long the condition of that rule has to hold after it fired until it escalates, ms; null for never. */
  readonly escalateAfterMs: number | null;
  readonly strategy: ReplayedStrategy;
  readonly horizon: Horizon;
  /** Empty without a grid. */
  readonly grid: readonly GridAxis[];
  readonly seed: number;
  readonly out: string | null;
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
const TEXTS = [
  ["from", "to", "data", "url", "key", "cache", "state", "marks", "analyst", "ledger", "rules", "rule", "escalate-after"],
  ["strategy", "horizon", "seed", "out", ...Object.keys(VARIABLES)],
].flat();
const DEFAULT_CACHE = "backtest-cache";
/** The variable of the environment that `--key env` reads, the one of the examples. */
const KEY_VARIABLE = "LIQUIDATIONS_KEY";

type Text = (name: string) => string | undefined;

/**
 * @param environment what `--key env` reads from
 * @returns null where help is requested
 * @throws {UsageError} naming each invalid option, its value and what is allowed
 */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Options | null {
  const { values } = parse(args);
  if (values["help"] === true) return null;
  const text: Text = (name) => (typeof values[name] === "string" ? values[name] : undefined);
  const grids = Array.isArray(values["grid"]) ? values["grid"].map(String) : [];
  const rule = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, text(name)]));
  return {
    judged: judgedRange(text),
    data: dataOption(text, environment),
    marks: marksOption(text("marks")),
    config: configOf(rule),
    rule,
    ledger: ledgerOption(text),
    rules: fileOption("--rules", text("rules")),
    ownRule: fileOption("--rule", text("rule")),
    escalateAfterMs: escalationOption(text),
    strategy: oneOf("--strategy", text("strategy") ?? "analyst", STRATEGIES),
    horizon: oneOf("--horizon", text("horizon") ?? "1h", HORIZON_NAMES),
    grid: readGrid(grids),
    seed: seedOption(text("seed") ?? "1"),
    out: text("out") ?? null,
  };
}

/**
 * The configuration with these options of the rule.
 * @throws {UsageError} in the names of the options
 */
export function configOf(rule: Options["rule"]): Config {
  try {
    return parseConfig(Object.fromEntries(Object.entries(VARIABLES).map(([name, variable]) => [variable, rule[name]])));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = Object.entries(VARIABLES).reduce((lines, [name, variable]) => lines.replaceAll(variable, `--${name}`), error.message);
    throw new UsageError(message);
  }
}

function parse(args: readonly string[]) {
  const options = Object.fromEntries(TEXTS.map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, grid: { type: "string" as const, multiple: true }, help: { type: "boolean" as const } },
    }) as { readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>> };
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nallowed: ${[...TEXTS, "grid", "help"].map((name) => `--${name}`).join(", ")}`);
  }
}

function judgedRange(text: Text): TimeRange {
  const judged = wholeMinutes({ start: time("--from", text("from")), end: time("--to", text("to")) });
  if (judged.end > judged.start) return judged;
  throw new UsageError(`--from ${text("from")} --to ${text("to")} holds no minute; allowed: --to after --from`);
}

function dataOption(text: Text, environment: Readonly<Record<string, string | undefined>>): DataOption {
  const [path, url, state] = [text("data"), text("url"), text("state")];
  const given = [path, url, state].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      `${given.length === 0 ? "no data is named" : "data is named more than once"}; allowed: one of --data PATH, --url URL, --state DIR`,
    );
  if (url === undefined && (text("key") ?? text("cache")) !== undefined) throw new UsageError("--key and --cache go with --url");
  if (path !== undefined) {
    if (/^https?:\/\//.test(path)) throw notAllowed("--data", path, "a folder or file; --url for an address");
    mustBe("--data", path, ["file", "directory"]);
    return { kind: "data", path };
  }
  if (state !== undefined) {
    mustBe("--state", state, ["directory"]);
    return { kind: "state", path: state };
  }
  return { kind: "url", url: originOf(url ?? ""), key: keyOf(text("key"), environment), cache: text("cache") ?? DEFAULT_CACHE };
}

function originOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw notAllowed("--url", url, "an http(s) address such as https://liquidations.example.workers.dev");
  return parsed.origin;
}

function keyOf(key: string | undefined, environment: Readonly<Record<string, string | undefined>>): string | null {
  if (key !== "env") return key ?? null;
  const value = environment[KEY_VARIABLE];
  if (value === undefined || value === "") throw new UsageError(`--key is env, but the variable ${KEY_VARIABLE} is not set`);
  return value;
}

function marksOption(marks: string | undefined): MarksOption {
  if (marks === undefined) return { kind: "data" };
  if (marks === "events") return { kind: "events" };
  mustBe("--marks", marks, ["file"], "events, or a file that exists");
  return { kind: "file", path: marks };
}

function ledgerOption(text: Text): string | null {
  const analyst = oneOf("--analyst", text("analyst") ?? "rules", ["rules", "recorded"]);
  const ledger = text("ledger") ?? null;
  if ((analyst === "recorded") !== (ledger !== null)) throw new UsageError("--analyst recorded and --ledger FILE go together");
  if (ledger !== null) mustBe("--ledger", ledger, ["file"]);
  return ledger;
}

function fileOption(name: string, path: string | undefined): string | null {
  if (path === undefined) return null;
  mustBe(name, path, ["file"]);
  return path;
}

/** As the API takes it. */
function escalationOption(text: Text): number | null {
  const seconds = text("escalate-after");
  if (seconds === undefined) return null;
  if (text("rule") === undefined) throw new UsageError("--escalate-after goes with --rule");
  if (/^\d{2,5}$/.test(seconds) && Number(seconds) >= 10 && Number(seconds) <= 86_400) return Number(seconds) * 1_000;
  throw notAllowed("--escalate-after", seconds, "whole seconds from 10 to 86400");
}

function seedOption(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw notAllowed("--seed", text, "a whole number from 0 to 999999999");
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

type Kind = "file" | "directory";

function mustBe(
  name: string,
  path: string,
  kinds: readonly Kind[],
  allowed = `a ${kinds.join(" or ").replace("directory", "folder")} that exists`,
): void {
  const found = statSync(path, { throwIfNoEntry: false });
  const kind = found?.isFile() === true ? "file" : found?.isDirectory() === true ? "directory" : null;
  if (kind === null || !kinds.includes(kind)) throw notAllowed(name, path, allowed);
}
