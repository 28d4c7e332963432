import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Document, documentTypes } from "./client-types/document-types.ts";
import { openApiText } from "./openapi-document.ts";

const USAGE = `npm run --silent client-types -- [--out FILE]

TypeScript types of the API, made of its OpenAPI document: \`paths\` for openapi-fetch, and a type per schema.
  --out  the file to write (default: standard output)`;

const { values } = parseArgs({ options: { out: { type: "string" }, help: { type: "boolean", default: false } } });
if (values.help) {
  console.log(USAGE);
} else {
  const types = documentTypes(JSON.parse(await openApiText()) as Document);
  if (values.out === undefined) process.stdout.write(types);
  else writeFileSync(values.out, types);
}
