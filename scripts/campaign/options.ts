import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { parseConfig } from "../../src/config.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { readNumberOption, readWholeOption } from "../number-option.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios.ts";

export const USAGE = `npm run campaign -- [--seed N] [--minutes M] [--rate R] [--scenario NAME] [--exchanges NAMES] [--plan] [--verbose]

Random faults on simulated venues, on the stores and on the Worker's process, and then the question whether everything
that the venues sent is in every store once, or inside a recorded gap of its venue, and whether a feed was live falsely.

  --seed      of the faults and the market (default: a random one, which is printed)
  --minutes   how long faults happen (default 2); starting and settling take a minute or two more
  --rate      liquidations per second over all venues between bursts (default 20)
  --scenario  one of ${Object.keys(SCENARIOS).join(", ")} (default faults)
  --exchanges comma-separated venues to collect (default: those that are collected by default)
  --plan      print the faults of the seed and end
  --verbose   show the Worker's log

Exit code 0 only without a violation. The same seed gives the same faults at the same times.`;

export interface CampaignOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly rate: number;
  readonly scenario: ScenarioName;
  readonly exchanges: readonly ExchangeName[];
  readonly planOnly: boolean;
  readonly verbose: boolean;
}

const MAX_SEED = 2 ** 31;

export function readCampaignOptions(args: readonly string[]): CampaignOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      minutes: { type: "string", default: "2" },
      rate: { type: "string", default: "20" },
      scenario: { type: "string", default: "faults" },
      exchanges: { type: "string" },
      plan: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  return {
    seed: values.seed === undefined ? randomInt(MAX_SEED) : readWholeOption("--seed", values.seed, 0, MAX_SEED),
    minutes: readNumberOption("--minutes", values.minutes, 0.5, 24 * 60),
    rate: readNumberOption("--rate", values.rate, 0, 1_000),
    scenario: readScenario(values.scenario),
    exchanges: readExchanges(values.exchanges),
    planOnly: values.plan,
    verbose: values.verbose,
  };
}

function readExchanges(text: string | undefined): readonly ExchangeName[] {
  if (text === undefined) return parseConfig({}).LIQUIDATION_EXCHANGES;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !EXCHANGES.some((known) => known === name));
  if (unknown !== undefined) {
    throw new RangeError(`--exchanges is ${JSON.stringify(text)}, with ${JSON.stringify(unknown)} in it; allowed: ${EXCHANGES.join(", ")}`);
  }
  return EXCHANGES.filter((name) => names.includes(name));
}

function readScenario(text: string): ScenarioName {
  const names = Object.keys(SCENARIOS) as ScenarioName[];
  const known = names.find((name) => name === text);
  if (known === undefined) throw new RangeError(`--scenario is ${JSON.stringify(text)}; allowed: ${names.join(", ")}`);
  return known;
}
