import { parseArgs } from "node:util";
import { utcDate } from "../../src/batch-object.ts";
import { messageOf } from "../../src/message-of.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { type Options as ReplayOptions, readOptions as readReplayOptions } from "../backtest/options.ts";
import { UsageError } from "../backtest/usage-error.ts";

/** Time that is trained on where no range is given. */
const DEFAULT_MS = 180 * DAY_MS;

/** The options of `npm run backtest` that say what is replayed. */
const REPLAY_OPTIONS = [
  ["from", "to", "data", "url", "key", "cache", "state", "marks", "symbols"],
  ["window", "threshold", "percentile", "floor", "cooldown"],
].flat();

/** What is trained. */
export type TrainedModel = "rules" | "cascades";

/** The forecast of cascades knows no windows and no spike rule, and takes its prices from the liquidations. */
const OPTIONS: Readonly<Record<TrainedModel, readonly string[]>> = {
  rules: REPLAY_OPTIONS,
  cascades: ["from", "to", "data", "url", "key", "cache", "state", "symbols"],
};

export const USAGE = `npm run train -- [cascades] (--data PATH | --url URL [--key KEY] | --state DIR) [--from T] [--to T] [--out FILE] [--install]

Trains the rule model: replays stored liquidations through the windows and the spike rule, and learns from the graded spikes
when trading against the forced flow earns more than its cost within 1 h. It is tested on five later parts of the time, and
ships only where it beats the base rate in four of them and its trades there earn. Else today's rules serve.

With cascades it trains the forecast of cascades instead: the probability that one becomes active within 5 minutes. It is
tested on later days, and ships only where it beats the velocity on at least 300 cascades.

Try it on a simulated market: npm run simulate-market -- --days 60 --seed 1 --effect reversal --out market
                              npm run train -- --data market --symbols BTC --from 2026-10-06 --to 2026-12-04

  --data, --url, --key, --cache, --state, --marks, --symbols, --window, --threshold, --percentile, --floor, --cooldown
                 what is replayed, as of npm run backtest (npm run backtest -- --help); cascades takes those from --data to
                 --state, and --symbols
  --from, --to   the decisions, or liquidations, to learn from: ISO 8601 or ms. Default: the 180 days before today, UTC
  --out          the file that the model and its test are written to, whether it ships or not
  --install      puts the model into R2, where the Worker finds it within a minute: of the state with --state, else of the
                 deployed Worker, by wrangler. One that does not ship is not installed

Exit code 0; 1 where the data cannot be used, or --install has nothing to install; 2 where an option is invalid.`;

export interface TrainOptions {
  readonly trained: TrainedModel;
  readonly replay: ReplayOptions;
  readonly out: string | null;
  readonly install: boolean;
}

/**
 * @param now for the default range, ms
 * @returns null where help is requested
 * @throws {UsageError} naming each invalid option, its value and what is allowed
 */
export function readOptions(args: readonly string[], now: number): TrainOptions | null {
  const trained = args[0] === "cascades" ? "cascades" : "rules";
  const { help, install, out, ...given } = parse(trained === "cascades" ? args.slice(1) : args, trained);
  if (help === true) return null;
  const to = given["to"] ?? utcDate(now);
  const from = given["from"] ?? new Date(timeOf(to) - DEFAULT_MS).toISOString();
  const texts = Object.entries({ ...given, from, to }).flatMap(([name, value]) => (typeof value === "string" ? [`--${name}`, value] : []));
  const replay = readReplayOptions(texts);
  return replay === null ? null : { trained, replay, out: typeof out === "string" ? out : null, install: install === true };
}

/** Of what is no time, the reader of the options says what is allowed. */
function timeOf(to: string | boolean): number {
  const time = /^\d+$/.test(String(to)) ? Number(to) : Date.parse(String(to));
  return Number.isFinite(time) ? time : 0;
}

function parse(args: readonly string[], trained: TrainedModel): Readonly<Record<string, string | boolean | undefined>> {
  const texts = [...OPTIONS[trained], "out"];
  const options = {
    ...Object.fromEntries(texts.map((name) => [name, { type: "string" as const }])),
    install: { type: "boolean" as const },
    help: { type: "boolean" as const },
  };
  try {
    return parseArgs({ args: [...args], options }).values as Readonly<Record<string, string | boolean | undefined>>;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nallowed: ${[...texts, "install", "help"].map((name) => `--${name}`).join(", ")}`);
  }
}
