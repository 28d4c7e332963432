import { LiquidationsError } from "../clients/typescript/src/problem-errors.ts";
import { ConfigError } from "../src/config.ts";

/** An error whose message tells a person what to do: shown without a stack. */
export class Advice extends Error {
  override readonly name = "Advice";
}

export interface Command<Options> {
  /** What `--help` shows; its first line is how the command is called. */
  readonly usage: string;
  /** @throws where an option is not what it may be */
  readonly readOptions: () => Options;
  /** @returns the exit code */
  readonly run: (options: Options) => Promise<number>;
}

/**
 * Runs a command of a person and ends the process: at once with one sentence where an option or the machine is not as it has
 * to be, with a stack where something broke. Servers that a failure leaves behind would keep the process alive.
 */
export async function runCommand<Options>({ usage, readOptions, run }: Command<Options>): Promise<never> {
  // Whoever reads the output has enough: `head` ends before the command does.
  process.stdout.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") process.exit(0);
    throw error;
  });
  if (process.argv.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    const options = readOptions();
    process.exit(await run(options));
  } catch (error) {
    console.error(isAdvice(error) ? error.message : error);
    process.exit(1);
  }
}

/** What `parseArgs` and the readers of options throw is meant for people too. */
function isAdvice(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ("code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) return true;
  return [Advice, RangeError, ConfigError, LiquidationsError].some((kind) => error instanceof kind);
}
