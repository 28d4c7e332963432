import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { asyncApiText, openApiText } from "./openapi-document.ts";
import { pythonFiles } from "./python-client/python-files.ts";

/** The folder of the generated modules. */
const PYTHON_API = resolve(import.meta.dirname, "../clients/python/liquidations/api");

const USAGE = `npm run python-client -- [--check]

Writes the modules of the Python client that follow from the API's documents: types, operations, error classes and version.
  --check  writes nothing, and ends with exit code 1 where a module is not what it would write`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false }, help: { type: "boolean", default: false } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const files = pythonFiles(await openApiText(), await asyncApiText());
  const stale = [...files].filter(
    ([name, text]) => !existsSync(join(PYTHON_API, name)) || readFileSync(join(PYTHON_API, name), "utf8") !== text,
  );
  if (values.check) {
    for (const [name] of stale) console.error(`clients/python/liquidations/api/${name} is stale; run "npm run python-client"`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const [name, text] of stale) writeFileSync(join(PYTHON_API, name), text);
  return 0;
}

process.exitCode = await main();
