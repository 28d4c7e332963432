import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { clientTypes } from "./client-types/client-types.ts";
import { openApiText } from "./openapi-document.ts";

/**
 * Writes the generated static assets: the files of the documentation page and the types for API clients. Wrangler runs
 * this before it builds the Worker (`[build]` in wrangler.toml), so that every way to run the Worker has them.
 */
const ROOT = resolve(import.meta.dirname, "..");
const PUBLIC = join(ROOT, "dashboard/public");
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

const OWN_FILES = ["docs.css", "docs.js", "icon.svg"];
const SWAGGER_UI_FILES = ["swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE"];

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** Writes a file atomically, and only if it changes: another Worker on this machine may be serving it. */
function write(name: string, content: string): void {
  const path = join(PUBLIC, name);
  mkdirSync(dirname(path), { recursive: true });
  try {
    if (readFileSync(path, "utf8") === content) return;
  } catch {
    // The file does not exist yet.
  }
  const half = `${path}.${process.pid}.half`;
  writeFileSync(half, content);
  renameSync(half, path);
}

/** Removes the reference to a source map that is not served, which browsers would request. */
function withoutMap(content: string): string {
  return content.replace(/\n\/[/*]# sourceMappingURL=\S+\s*$/, "\n");
}

for (const name of OWN_FILES) write(`docs-assets/${name}`, read(join(ROOT, "dashboard/docs"), name));
for (const name of SWAGGER_UI_FILES) write(`docs-assets/${name}`, withoutMap(read(SWAGGER_UI, name)));
write("liquidations-api.d.ts", await clientTypes(await openApiText()));
