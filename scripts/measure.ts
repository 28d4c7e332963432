import { parseArgs } from "node:util";
import { runCommand } from "./command-line.ts";
import { MEASURES } from "./measure/measures.ts";
import { readWholeOption } from "./number-option.ts";
import { table } from "./table.ts";

const USAGE = `npm run measure -- [--seeds N] [--first-seed N] [NAME ...]

Measures the statistics on simulated markets with and without planted effects, and prints each figure next to its target.
  --seeds  markets of each kind (default 2); more take longer and say more
  --first-seed
           seed of the first one (default 1): markets that nothing was chosen on
  NAME     what to measure (default all): ${Object.keys(MEASURES).join(", ")}`;

function readOptions() {
  const { values, positionals } = parseArgs({
    options: { seeds: { type: "string", default: "2" }, "first-seed": { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !Object.hasOwn(MEASURES, name));
  if (unknown !== undefined) {
    throw new RangeError(`${JSON.stringify(unknown)} is nothing to measure; allowed: ${Object.keys(MEASURES).join(", ")}`);
  }
  const names = positionals.length > 0 ? positionals : Object.keys(MEASURES);
  const first = readWholeOption("--first-seed", values["first-seed"], 1, 1_000_000);
  const count = readWholeOption("--seeds", values.seeds, 1, 1_000);
  return { seeds: Array.from({ length: count }, (_, index) => first + index), names };
}

async function measure({ seeds, names }: ReturnType<typeof readOptions>): Promise<number> {
  const rows: string[][] = [];
  for (const name of names) {
    const figures = (await MEASURES[name]?.(seeds)) ?? [];
    for (const { what, measured, target } of figures) rows.push([name, what, measured, target]);
  }
  console.log(table(["measure", "what", "measured", "target"], rows));
  return 0;
}

await runCommand({ usage: USAGE, readOptions, run: measure });
