import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

const HEAD = `import createClient from "openapi-fetch";
import type { Liquidation, WebhookEvent, paths } from "./liquidations-api.d.ts";
const client = createClient<paths>({ baseUrl: "https://example.com" });
`;

const SOUND = `${HEAD}
const { data, error } = await client.GET("/v1/liquidations", { params: { query: { symbol: "BTC", limit: 10, start: 1795219200000 } } });
if (error !== undefined) {
  const code: string = error.code;
  console.log(code, error.errors?.[0]?.parameter);
} else {
  const rows: Liquidation[] = data.data;
  const venue: ${EXCHANGES.map((name) => JSON.stringify(name)).join(" | ")} | undefined = rows[0]?.exchange;
  const usd: number | null | undefined = rows[0]?.usd_value;
  const next: string | null = data.meta.next_cursor;
  console.log(venue, usd, next);
}
const stats = await client.GET("/v1/stats", { params: { query: { symbol: "BTC" } } });
const change: number | null | undefined = stats.data?.data.sides.total.change_pct;
const signal = await client.GET("/v1/signals/{id}", { params: { path: { id: "BTC-15m-20261121T0905Z" } } });
const action: "BUY" | "SELL" | "NOTHING" | undefined = signal.data?.data.action;
const made = await client.POST("/v1/exports", {
  body: { start: "2026-11-20T00:00:00Z", format: "parquet" },
  params: { header: { "Idempotency-Key": "once" } },
});
const file = await client.GET("/v1/exports/{id}/files/{name}", { params: { path: { id: "a", name: "b" } }, parseAs: "stream" });
const sideOf = (event: WebhookEvent) => (event.type === "cascade.started" ? event.data.position_side : event.type === "signal.issued" ? event.data.action : null);
const okx: number | undefined = (await client.GET("/v1/status")).data?.data.versions.adapters.okx;
console.log(change, action, made.data?.data.export_id, file.data, sideOf, okx);
`;

const WRONG = {
  "a field that is not there": `const { data } = await client.GET("/v1/status"); console.log(data?.data.version);`,
  "a field of the wrong type": `const row = {} as Liquidation; const price: string = row.price; console.log(price);`,
  "a path that is not there": `await client.GET("/v1/liquidation", {});`,
  "a method that is not there": `await client.POST("/v1/status", {});`,
  "a parameter that is missing": `await client.GET("/v1/stats");`,
  "a value that is not one": `await client.GET("/v1/stats", { params: { query: { symbol: "BTC", window: 2 } } });`,
  "a venue that there is none of": `const { data } = await client.GET("/v1/status"); console.log(data?.data.versions.adapters.ftx);`,
  "a webhook event that there is none of": `const event = {} as WebhookEvent; console.log(event.type === "signal.lost");`,
  "a body that lacks a field": `await client.POST("/v1/exports", { body: { format: "csv" } });`,
};

/** The client that docs/api.md shows. */
function documentedClient(): string {
  const page = readFileSync(join(ROOT, "docs/api.md"), "utf8");
  return /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
}

/** What the compiler says of each client, by its file's name; it looks at all of them at once, as it takes seconds. */
let complaints: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  // Inside node_modules, so that openapi-fetch is found from there.
  const cache = join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "client-types-"));
  try {
    complaints = compileClients(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function compileClients(folder: string): ReadonlyMap<string, readonly string[]> {
  execFileSync(process.execPath, [join(ROOT, "scripts/client-types.ts"), "--out", join(folder, "liquidations-api.d.ts")]);
  const compilerOptions = {
    target: "ES2024",
    module: "NodeNext",
    lib: ["ES2024", "DOM", "DOM.Iterable"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const wrong = Object.values(WRONG).map((line, index) => [`wrong-${index}.ts`, `${HEAD}${line}\n`] as const);
  for (const [name, text] of [["sound.ts", SOUND] as const, ["documented.ts", documentedClient()] as const, ...wrong]) {
    writeFileSync(join(folder, name), text);
  }
  const { stdout } = spawnSync(process.execPath, [TSC, "-p", folder], { encoding: "utf8" });
  const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
  return Map.groupBy(errors, (line) => basename(line.split("(")[0] ?? ""));
}

describe("a client of openapi-fetch", () => {
  test("knows what each route takes and answers", () => {
    expect(complaints.get("sound.ts")).toBeUndefined();
  });

  test.each(Object.keys(WRONG).map((what, index) => [what, index] as const))("is refused %s", (_what, index) => {
    expect(complaints.get(`wrong-${index}.ts`)?.[0]).toMatch(/wrong-\d+\.ts\(4,\d+\): error TS/);
  });
});

test("the types themselves compile", () => {
  expect(complaints.get("liquidations-api.d.ts")).toBeUndefined();
});

test("the client of docs/api.md compiles", () => {
  expect(documentedClient()).toContain("openapi-fetch");
  expect(complaints.get("documented.ts")).toBeUndefined();
});
