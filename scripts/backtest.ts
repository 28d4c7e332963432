import { messageOf } from "../src/message-of.ts";
import { readOptions } from "./backtest/options.ts";
import { ruleBacktest } from "./backtest/rule-backtest.ts";
import { runBacktest } from "./backtest/run-backtest.ts";
import { USAGE } from "./backtest/usage.ts";
import { writeOutputs } from "./backtest/write-outputs.ts";
import { UsageError } from "./backtest/usage-error.ts";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    console.log(USAGE);
    return;
  }
  if (options.ownRule !== null) {
    for (const line of await ruleBacktest(options, options.ownRule)) console.log(line);
    return;
  }
  const result = await runBacktest(options);
  if (options.out !== null) writeOutputs(options.out, result);
  for (const line of result.lines) console.log(line);
}

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
