import { parseArgs } from "node:util";
import { runLanes } from "./run-lanes.ts";

const USAGE = `npm run check

Checks types, lint and format, side by side.
  --build  also builds the Worker meanwhile, as npm run build does`;

/**
 * The compiler takes more than 1 GB, so it looks at one project after the other, with one checker: each further one checks
 * again what it shares with the first, and four take twice the processor time and memory.
 */
const CHECKS = [
  [
    "node scripts/build-assets.ts --types && tsc --checkers 1 -p dashboard",
    "tsc --checkers 1 -p clients/typescript",
    "tsc --checkers 1 -p tsconfig.json",
    "tsc --checkers 1 -p tsconfig.node.json",
  ],
  ["oxlint", "oxfmt --check"],
];
const BUILD = ["npm run --silent build"];

const { values } = parseArgs({ options: { build: { type: "boolean", default: false }, help: { type: "boolean", default: false } } });
if (values.help) {
  console.log(USAGE);
} else {
  const failed = await runLanes(values.build ? [...CHECKS, BUILD] : CHECKS, (text) => process.stdout.write(text));
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(", ")}`);
    process.exitCode = 1;
  }
}
