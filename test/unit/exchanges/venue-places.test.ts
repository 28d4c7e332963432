import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";

const ROOT = new URL("../../../", import.meta.url);
const ANY_VENUE = venueNames(EXCHANGES);

/** Names as words of their own, also within `camelCase`, `CONSTANT_CASE` and `snake_case`: "gate" is no part of "aggregate". */
function venueNames(names: readonly string[]): RegExp {
  const words = names.map((name) => {
    const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
    return `(?<![A-Za-z])${name}(?![a-z])|(?<![A-Z])${title}(?![a-z])|(?<![A-Z])${name.toUpperCase()}(?![A-Z])`;
  });
  return new RegExp(words.join("|"));
}

/** Where a venue's name may stand beside its own folder. */
const PLACES: ReadonlySet<string> = new Set([
  "src/exchanges/registry.ts",
  "src/liquidation-fields.ts",
  // One liquidation of one venue, for the API's document.
  "workers/api/schemas/liquidation-example.ts",
  // One base asset by each venue's own names, for the same.
  "workers/api/schemas/symbol-example.ts",
  // Applied steps and migrations never change.
  "durable-objects/exchange-feed/feed-schema.ts",
  "migrations/supabase/0001_liquidation_events.sql",
  "migrations/supabase/0011_comments.sql",
  "migrations/supabase/0018_flow_usd.sql",
]);

function filesUnder(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|sql)$/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** Lines of code, without comments and without examples of values. */
function codeOf(path: string): string[] {
  return readFileSync(new URL(path, ROOT), "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .map((line) => line.replace(/(^|\s)(\/\/|--).*$/, "").trim())
    .filter((line) => !/examples?:|such as|e\.g\./.test(line));
}

/** The venue whose folder a file is in. */
const venueOf = (path: string) => EXCHANGES.find((name) => path.startsWith(`src/exchanges/${name}/`));

const linesNaming = (path: string, names: RegExp) =>
  codeOf(path)
    .filter((line) => names.test(line))
    .map((line) => `${path}: ${line}`);

test("a venue's name stands in its folder, the registry and the list of names, and nowhere else in the code", () => {
  const files = ["src", "durable-objects", "workers", "migrations"].flatMap(filesUnder);
  expect(files.length).toBeGreaterThan(300);
  const outside = files.filter((path) => venueOf(path) === undefined && !PLACES.has(path));
  expect(outside.flatMap((path) => linesNaming(path, ANY_VENUE))).toEqual([]);
});

test("a venue's name is found in every case, and not as a part of another word", () => {
  const found = ["gate:", "GATE_REST_URL", "Gate futures", "createGateSocket", "ofGATE", "gate2", "GateFrames", "a_gate_b"];
  const other = ["aggregate", "Delegate", "gated", "gateway", "AGGREGATE", "investigates"];
  expect([...found, ...other].filter((text) => venueNames(["gate"]).test(text))).toEqual(found);
});

test("nobody writes how many venues there are: texts count them", () => {
  const spelled = /\b(one|two|three|four|five|six|seven|eight|nine|ten|\d+) ([\w-]+ )?(venues|exchanges)\b/i;
  const files = ["src", "durable-objects", "workers", "scripts"].flatMap(filesUnder);
  const lines = files.flatMap((path) => linesNaming(path, spelled));
  expect(lines).toEqual([]);
});

test("a venue's folder names no other venue", () => {
  for (const path of filesUnder("src/exchanges")) {
    const own = venueOf(path);
    if (own === undefined) continue;
    const others = EXCHANGES.filter((name) => name !== own);
    expect(linesNaming(path, venueNames(others))).toEqual([]);
  }
});

test("the list of names and the registry name each venue once", () => {
  // A field may say from which adapter's version on a venue's values differ.
  const list = codeOf("src/liquidation-fields.ts").filter((line) => ANY_VENUE.test(line) && !line.includes("Before adapter_version"));
  expect(list).toEqual([expect.stringContaining("EXCHANGES =")]);
  for (const name of EXCHANGES) {
    const [imported, registered, ...more] = linesNaming("src/exchanges/registry.ts", new RegExp(`\\b${name}\\b`));
    expect([imported, registered, more]).toEqual([expect.stringContaining("import"), `src/exchanges/registry.ts: ${name},`, []]);
  }
});

test("the venues keep their places in the list: stored history names them by these", () => {
  expect(EXCHANGES.slice(0, 5)).toEqual(["binance", "bybit", "okx", "kucoin", "bitfinex"]);
});
