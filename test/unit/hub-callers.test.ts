import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url);

test("nobody calls the hub without its place", () => {
  const files = ["durable-objects", "workers"].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  const callers = files.filter((name) => name.endsWith(".ts") && /MARKET_HUB\s*\.\s*get/.test(readFileSync(new URL(name, ROOT), "utf8")));
  expect(callers).toEqual(["durable-objects/market-hub/hub-of.ts"]);
});
