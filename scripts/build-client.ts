import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { clientTypes } from "./client-types/client-types.ts";
import { asyncApiText, openApiText } from "./openapi-document.ts";

const ROOT = resolve(import.meta.dirname, "..");
const PACKAGE = join(ROOT, "clients/typescript");
const USAGE = `npm run build:client -- [--out DIR]

Builds the TypeScript client: one module without the code of any platform, and its types, those of the API of now included.
  --out  the folder to write (default: clients/typescript/dist)`;

/** Builds the package's module and types into a folder, which is emptied before. */
export async function buildClient(out: string): Promise<void> {
  writeFileSync(join(PACKAGE, "src/api.d.ts"), await clientTypes(await openApiText(), await asyncApiText()));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await build({
    entryPoints: [join(PACKAGE, "src/index.ts")],
    outfile: join(out, "index.js"),
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    // Bundled, as it says that it needs a newer Node than it does.
    external: ["hyparquet", "openapi-fetch"],
    logLevel: "warning",
  });
  copyFileSync(join(ROOT, "node_modules/eventsource-parser/LICENSE"), join(out, "eventsource-parser.LICENSE.txt"));
  writeTypes(out);
}

/** Code of `src/` is shared and part of the module, but a type of it in the client's own would lead out of the package. */
function writeTypes(out: string): void {
  const emitted = mkdtempSync(join(tmpdir(), "client-types-"));
  try {
    const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", ROOT, "--outDir", emitted];
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", PACKAGE, ...options], { encoding: "utf8" });
    if (status !== 0) throw new Error(`tsc failed:\n${stdout}`);
    const folder = join(emitted, "clients/typescript/src");
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".d.ts"))) {
      const text = readFileSync(join(folder, name), "utf8");
      const leading = /from "((?:\.\.\/)+src\/[^"]*)"/.exec(text)?.[1];
      if (leading !== undefined)
        throw new Error(`The types of ${name} lead out of the package, to ${leading}; give them a type of the client's own`);
      mkdirSync(dirname(join(out, name)), { recursive: true });
      writeFileSync(join(out, name), text.replaceAll(/(from "\.[^"]*?)(?:\.d)?\.ts"/g, '$1.js"'));
    }
    copyFileSync(join(PACKAGE, "src/api.d.ts"), join(out, "api.d.ts"));
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: "string" }, help: { type: "boolean", default: false } } });
  if (values.help) console.log(USAGE);
  else await buildClient(values.out === undefined ? join(PACKAGE, "dist") : resolve(values.out));
}
