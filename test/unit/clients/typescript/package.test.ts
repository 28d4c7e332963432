import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeBlocks, linkTargets, readPage } from "../../documents/markdown.ts";
import { installClient } from "./install-client.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const EXAMPLES = codeBlocks(readPage("clients/typescript/README.md")).flatMap(({ info, text }) => (info === "ts" ? [text] : []));
/** What the package has of its own; the types of the API are beside them. */
const MAX_BYTES = 100_000;

let folder = "";
let own = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "client-package-"));
  own = installClient(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(own, name), "utf8");
const versionIn = (path: string) => (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;

describe("the package", () => {
  test("has the version and the types of the API's document of now", () => {
    const types = join(folder, "api.d.ts");
    execFileSync(process.execPath, [join(ROOT, "scripts/client-types.ts"), "--out", types]);
    expect(read("dist/api.d.ts") === readFileSync(types, "utf8")).toBe(true);
    const [, documented] = /^\/\/ Liquidations (\S+): generated from/.exec(read("dist/api.d.ts")) ?? [];
    expect(versionIn(join(own, "package.json"))).toBe(documented);
    expect(versionIn(join(ROOT, "package.json"))).toBe(documented);
  });

  test("has one module, its types, the page about it and the licence of what it contains, and no source", () => {
    expect(readdirSync(own).toSorted()).toEqual(["README.md", "dist", "package.json"]);
    const names = readdirSync(join(own, "dist"), { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.endsWith(".js"))).toEqual(["index.js"]);
    expect(names.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))).toEqual([]);
    expect(names).toContain("eventsource-parser.LICENSE.txt");
  });

  test("has a page whose links lead nowhere outside of it", () => {
    const links = linkTargets({ path: "README.md", text: "", prose: read("README.md") });
    const leading = links.filter((link) => !/^(?:https?:|#)/.test(link));
    expect(leading.filter((link) => link.startsWith("..") || !existsSync(join(own, link.replace(/#.*/, ""))))).toEqual([]);
  });

  test("imports no platform, nothing but its two dependencies, and no venue's adapter", () => {
    const code = read("dist/index.js");
    const imported = [...code.matchAll(/(?:from |import\()"([^"]+)"/g)].map(([, name]) => name);
    expect([...new Set(imported)].toSorted()).toEqual(["hyparquet", "openapi-fetch"]);
    expect(code).not.toMatch(/\b(?:process\.\w|Buffer\.\w|require\()/);
    expect(code.length).toBeLessThan(MAX_BYTES);
  });

  test("exports what its page shows, and can be imported by the oldest Node here", () => {
    const names = ["LiquidationsClient", "ApiError", "ConnectionError", "verifyWebhook"];
    const program = `import * as client from "liquidations-client"; console.log(${JSON.stringify(names)}.filter((name) => typeof client[name] !== "function").join());
      new client.LiquidationsClient({ url: "http://localhost" }).stream();`;
    writeFileSync(join(folder, "import.js"), program);
    const { stdout, stderr } = spawnSync(oldestNode(), [join(folder, "import.js")], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("\n");
  });

  test("has types that the examples of its page, and wrong uses of it, are checked by", () => {
    const head = 'import { LiquidationsClient } from "liquidations-client";\nconst client = new LiquidationsClient({ url: "" });\n';
    for (const [index, text] of EXAMPLES.entries()) writeFileSync(join(folder, `example-${index}.ts`), text);
    const wrong = [
      'client.list("/v1/stats", {});',
      'client.liquidations({ cursor: "x" });',
      'await client.get("/v1/stats");',
      'for await (const item of client.stream()) if (item.type === "closed") console.log(item);',
      'const { rows } = await client.day("2026-11-01"); for await (const { price } of rows(["symbol"])) console.log(price);',
    ];
    for (const [index, line] of wrong.entries()) writeFileSync(join(folder, `wrong-${index}.ts`), `${head}${line}\nexport {};\n`);
    const compilerOptions = {
      target: "ES2023",
      module: "NodeNext",
      lib: ["ES2023", "DOM", "DOM.Iterable"],
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules/@types")],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const { stdout } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], { encoding: "utf8" });
    const complaints = stdout.split("\n").flatMap((line) => /[\w-]+\.ts\(.*error TS.*/.exec(line)?.[0] ?? []);
    expect(complaints.filter((line) => !line.startsWith("wrong-"))).toEqual([]);
    expect(complaints.map((line) => /^wrong-(\d)\.ts\(3/.exec(line)?.[1])).toEqual(wrong.map((_, index) => String(index)));
    expect(EXAMPLES).toHaveLength(6);
  });
});

/** The oldest Node of the machine that the package is for; tests themselves run on a newer one. */
function oldestNode(): string {
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((place) => join(place, "node"))
    .filter((path) => existsSync(path));
  const nodes = [process.execPath, ...found].map((path) => ({ path, version: majorOf(path) })).filter(({ version }) => version >= 20);
  return nodes.toSorted((a, b) => a.version - b.version)[0]?.path ?? process.execPath;
}

function majorOf(node: string): number {
  return Number(/^v(\d+)/.exec(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout)?.[1]);
}
