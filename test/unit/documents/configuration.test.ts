import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CONFIG_NAMES, ConfigError, parseConfig } from "../../../src/config.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { venueVariables } from "../../../src/exchanges/venue-variables.ts";

const PAGE = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
const ROW = /^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.+?) \|$/gm;

const rows = [...PAGE.matchAll(ROW)].map(([, name = "", shown = "", allowed = "", meaning = ""]) => ({ name, shown, allowed, meaning }));

const config = parseConfig({});
const venueDefaults = Object.values(exchanges).flatMap((exchange) => {
  const { ws, rest, inferred } = venueVariables(exchange);
  const venue = config.venues[exchange.name];
  return [
    [ws, venue.endpoints.ws],
    [rest, venue.endpoints.rest],
    [inferred, venue.inferred],
  ];
});
const DEFAULTS: Readonly<Record<string, unknown>> = {
  ...config,
  ...Object.fromEntries(venueDefaults),
  LIQUIDATION_OBJECTS: [...Map.groupBy(config.LIQUIDATION_OBJECTS, ([, host]) => host).values()].map((venues) =>
    venues.map(([name]) => name).join("+"),
  ),
};

/** A default as a reader would set it. */
function shownDefault(value: unknown): string {
  if (value === null || value === undefined) return "off";
  if (value instanceof Map) return `\`${[...value].map((pair) => pair.join("=")).join(",")}\``;
  if (value instanceof Set || Array.isArray(value)) return `\`${[...value].join(",")}\``;
  if (typeof value === "object")
    return `\`${Object.entries(value)
      .filter(([, one]) => one !== null)
      .map((pair) => pair.join("="))
      .join(",")}\``;
  return `\`${String(value as string | number | boolean)}\``;
}

/** What the schema says is allowed, once it is given something that no variable but a free text takes. */
function allowedValues(name: string): string {
  try {
    parseConfig({ [name]: "!?" });
    return "any text";
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("allowed: ").at(-1) ?? "";
  }
}

describe("docs/configuration.md", () => {
  test("lists every variable once, and no other", () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...CONFIG_NAMES].toSorted());
  });

  test.each(CONFIG_NAMES)("gives the default of %s and what it allows", (name) => {
    const row = rows.find((one) => one.name === name);
    expect({ shown: row?.shown, allowed: row?.allowed }).toEqual({
      shown: shownDefault(DEFAULTS[name]),
      allowed: allowedValues(name),
    });
  });
});
