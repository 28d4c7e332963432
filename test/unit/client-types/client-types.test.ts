import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

/** Inside node_modules, so that openapi-fetch is found from there. */
let folder: string;

beforeAll(() => {
  const cache = join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "client-types-"));
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
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of a client; nothing where it is content. */
function compile(client: string): string {
  writeFileSync(join(folder, "client.ts"), client);
  return spawnSync(process.execPath, [TSC, "-p", folder], { encoding: "utf8" }).stdout;
}

const HEAD = `import createClient from "openapi-fetch";
import type { Liquidation, paths, webhooks } from "./liquidations-api.d.ts";
const client = createClient<paths>({ baseUrl: "https://example.com" });
`;

describe("a client of openapi-fetch", () => {
  test("is told what each route takes and answers", () => {
    const client = `${HEAD}
const { data, error } = await client.GET("/v1/liquidations", { params: { query: { symbol: "BTC", limit: 10, start: 1795219200000 } } });
if (error !== undefined) {
  const code: string = error.code;
  console.log(code, error.errors?.[0]?.parameter);
} else {
  const rows: Liquidation[] = data.data;
  const venue: "binance" | "bybit" | "okx" | "kucoin" | "bitfinex" | undefined = rows[0]?.exchange;
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
const event: webhooks["signal.issued"]["data"]["action"] = "SELL";
console.log(change, action, made.data?.data.export_id, file.data, event);
`;
    expect(compile(client)).toBe("");
  });

  test.each([
    ["a field that is not there", `const { data } = await client.GET("/v1/status"); console.log(data?.data.version);`],
    ["a field of the wrong type", `const row = {} as Liquidation; const price: string = row.price; console.log(price);`],
    ["a path that is not there", `await client.GET("/v1/liquidation", {});`],
    ["a method that is not there", `await client.POST("/v1/status", {});`],
    ["a parameter that is missing", `await client.GET("/v1/stats");`],
    ["a value that is not one", `await client.GET("/v1/stats", { params: { query: { symbol: "BTC", window: "2h" } } });`],
    ["a body that lacks a field", `await client.POST("/v1/exports", { body: { format: "csv" } });`],
  ])("is refused %s", (_what, wrong) => {
    expect(compile(`${HEAD}${wrong}\n`)).toMatch(/^\S+client\.ts\(4,\d+\): error TS/);
  });
});

test("the client of docs/api.md compiles", () => {
  const page = readFileSync(join(ROOT, "docs/api.md"), "utf8");
  const [, client] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  expect(client).toContain("openapi-fetch");
  expect(compile(client ?? "")).toBe("");
});
