import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { clientTypes } from "./client-types/client-types.ts";
import { asyncApiText, openApiText } from "./openapi-document.ts";

const USAGE = `npm run --silent client-types -- [--out FILE]

Writes TypeScript types of the API, built from its OpenAPI document and that of its live stream: \`paths\` for openapi-fetch,
one type per schema, \`WebhookEvent\` and \`StreamFrame\`.
  --out  the file to write (default: standard output)`;

const { values } = parseArgs({ options: { out: { type: "string" }, help: { type: "boolean", default: false } } });
if (values.help) {
  console.log(USAGE);
} else {
  const types = await clientTypes(await openApiText(), await asyncApiText());
  if (values.out === undefined) process.stdout.write(types);
  else writeFileSync(values.out, types);
}
