import { parseArgs } from "node:util";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { readWholeOption } from "../number-option.ts";
import { SIMULATIONS, type SimulationName } from "./simulations.ts";

const COMPLETE = EXCHANGES.filter((name) => exchanges[name].coverage === "all_reported");

export const USAGE = `npm run estimate -- validate (--data DIR [--symbol S] [--fit VENUE --test VENUE] | --simulate NAME [--seed N])

Fits the estimated totals on one venue that publishes every liquidation, throttles another one in software, and compares what is
estimated from what is left with the truth: calibrated / true, coverage by level of activity, and where it breaks.
  --data      a folder with daily files, such as liquidation_20261120.parquet, or with a folder daily of them: 14 days or more
  --symbol    one base asset (default: all together)
  --fit, --test
              the venues to fit and to test on (default: the two with the most liquidations); allowed: ${COMPLETE.join(", ")}
  --simulate  a simulated market instead: ${Object.keys(SIMULATIONS).join(", ")}
  --seed      of the simulation (default 1)

Exit code 0 if estimates would be validated or experimental, 1 if they would be withheld.`;

export interface EstimateOptions {
  readonly source:
    | { readonly kind: "data"; readonly folder: string; readonly symbol: string | null }
    | { readonly kind: "simulate"; readonly name: SimulationName; readonly seed: number };
  readonly fit: ExchangeName | null;
  readonly test: ExchangeName | null;
}

/** @throws {RangeError} naming what is wrong and what is allowed */
export function readEstimateOptions(args: readonly string[]): EstimateOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      data: { type: "string" },
      symbol: { type: "string" },
      fit: { type: "string" },
      test: { type: "string" },
      simulate: { type: "string" },
      seed: { type: "string", default: "1" },
    },
    allowPositionals: true,
  });
  if (positionals.length !== 1 || positionals[0] !== "validate")
    throw new RangeError(`${JSON.stringify(positionals.join(" "))} is not a command; allowed: validate`);
  if ((values.fit === undefined) !== (values.test === undefined)) throw new RangeError("--fit and --test come together");
  const venues = { fit: venueOf("--fit", values.fit), test: venueOf("--test", values.test) };
  if (venues.fit !== null && venues.fit === venues.test) throw new RangeError("--fit and --test must be different venues");
  if ((values.data === undefined) === (values.simulate === undefined)) throw new RangeError("either --data or --simulate is required");
  if (values.data !== undefined)
    return { source: { kind: "data", folder: values.data, symbol: values.symbol?.toUpperCase() ?? null }, ...venues };
  const name = values.simulate ?? "";
  if (!isSimulation(name))
    throw new RangeError(`${JSON.stringify(name)} is not a simulation; allowed: ${Object.keys(SIMULATIONS).join(", ")}`);
  return { source: { kind: "simulate", name, seed: readWholeOption("--seed", values.seed, 0, 1_000_000) }, ...venues };
}

function isSimulation(name: string): name is SimulationName {
  return Object.hasOwn(SIMULATIONS, name);
}

function venueOf(option: string, text: string | undefined): ExchangeName | null {
  if (text === undefined) return null;
  const found = COMPLETE.find((name) => name === text);
  if (found === undefined)
    throw new RangeError(`${option} ${JSON.stringify(text)} does not publish every liquidation; allowed: ${COMPLETE.join(", ")}`);
  return found;
}
