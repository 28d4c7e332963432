import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { databaseIdOf, hasSecret, withDatabaseId } from "../../scripts/deploy-config.ts";

test("the id of the database of that name is found in wrangler's list, and null where it is not there", () => {
  const list = JSON.stringify([
    { name: "other", uuid: "1" },
    { name: "liquidations", uuid: "2" },
  ]);
  expect(databaseIdOf(list, "liquidations")).toBe("2");
  expect(databaseIdOf("[]", "liquidations")).toBeNull();
  expect(() => databaseIdOf('{"error":"not logged in"}', "liquidations")).toThrow("did not print a list");
});

test("the deployed configuration is wrangler.toml with the account's database id and nothing else changed", () => {
  const toml = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");
  const deployed = withDatabaseId(toml, "abc");
  expect(deployed.split("\n").filter((line) => !toml.split("\n").includes(line))).toEqual(['database_id = "abc"']);
  expect(() => withDatabaseId("name = 'x'", "abc")).toThrow("has no D1 database");
});

test("a secret is found in wrangler's list by its name", () => {
  const list = JSON.stringify([{ name: "ADMIN_TOKEN", type: "secret_text" }]);
  expect([hasSecret(list, "ADMIN_TOKEN"), hasSecret(list, "DEEPSEEK_KEY"), hasSecret("[]", "ADMIN_TOKEN")]).toEqual([true, false, false]);
  expect(() => hasSecret('{"error":"not logged in"}', "ADMIN_TOKEN")).toThrow("did not print a list");
});
