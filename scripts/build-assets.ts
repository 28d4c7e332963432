import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { dashboardFiles } from "./build-dashboard.ts";
import { clientTypes } from "./client-types/client-types.ts";
import { asyncApiText, openApiText } from "./openapi-document.ts";
import { referenceFiles } from "./pages/reference-pages.ts";

/**
 * Writes the generated static assets: the dashboard, the reference, the files of the documentation page and the types for API
 * clients.
 * Wrangler runs this before it builds the Worker (`[build]` in wrangler.toml), so that every way to run the Worker has them.
 * With `--types`, only the types, which the dashboard and the TypeScript client are checked against.
 */
const ROOT = resolve(import.meta.dirname, "..");
const PUBLIC = join(ROOT, "dashboard/public");
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

const OWN_FILES = ["docs.css", "docs.js", "reference.css", "stream.css", "icon.svg"];
const SWAGGER_UI_FILES = ["swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE"];

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

function write(name: string, content: string | Uint8Array): void {
  writeFile(join(PUBLIC, name), content);
}

/** Writes a file atomically, and only if it changes: another Worker on this machine may be serving it. */
function writeFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    if (readFileSync(path).equals(Buffer.from(content))) return;
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

/** Writes the dashboard's files, and removes those of builds before. */
async function writeDashboard(): Promise<void> {
  const files = await dashboardFiles();
  // The page comes last: until then it names files that exist.
  for (const [name, content] of [...files].toSorted(([a], [b]) => Number(a.endsWith(".html")) - Number(b.endsWith(".html")))) {
    write(name, content);
  }
  const app = join(PUBLIC, "app");
  for (const name of readdirSync(app)) {
    if (!files.has(`app/${name}`) && !name.endsWith(".half")) rmSync(join(app, name), { force: true });
  }
}

const types = await clientTypes(await openApiText(), await asyncApiText());
write("liquidations-api.d.ts", types);
writeFile(join(ROOT, "clients/typescript/src/api.d.ts"), types);
if (!process.argv.includes("--types")) {
  for (const name of OWN_FILES) write(`docs-assets/${name}`, read(join(ROOT, "dashboard/docs"), name));
  for (const name of SWAGGER_UI_FILES) write(`docs-assets/${name}`, withoutMap(read(SWAGGER_UI, name)));
  for (const [name, html] of referenceFiles(ROOT)) write(name, html);
  await writeDashboard();
}
