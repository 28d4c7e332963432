import { expect, test } from "vitest";
import { openApiText } from "../../../scripts/openapi-document.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import { readPage } from "./markdown.ts";

interface OperationObject {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: { readonly default?: unknown } }[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: Readonly<Record<string, { readonly enum?: readonly string[] }>> }>>;
  };
}

const document = JSON.parse(await openApiText()) as Document;

function accessOf({ security = [] }: OperationObject): string {
  return security.flatMap((way) => Object.values(way)).flat()[0] ?? "open";
}

/** The row of the table an operation should have, without what it answers. */
function rowOf(method: string, path: string, operation: OperationObject): string {
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
  const shown = query.map(({ name, schema }) => `\`${name}\`${schema?.default === undefined ? "" : `=${String(schema.default)}`}`);
  return `| \`${method.toUpperCase()} ${path}\` | ${accessOf(operation)} | ${shown.join(", ")}${shown.length > 0 ? " " : ""}|`;
}

test("docs/api.md lists every operation with its access, parameters and defaults, and no other", () => {
  const rows = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => rowOf(method, path, operation)),
  );
  const listed = [...readPage("docs/api.md").text.matchAll(/^\| `(?:GET|POST|PATCH|DELETE) .*$/gm)].map(
    ([row]) => row.split("|").slice(0, 4).join("|") + "|",
  );
  expect(listed.toSorted()).toEqual(rows.toSorted());
});

test("docs/api.md lists every code of a problem with its status", () => {
  const codes = document.components.schemas["Problem"]?.properties?.["code"]?.enum ?? [];
  expect(codes.length).toBeGreaterThan(10);
  const page = readPage("docs/api.md").text;
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

test("docs/webhooks.md lists every event", () => {
  const listed = [...readPage("docs/webhooks.md").text.matchAll(/^\| `(\w+\.\w+)` \|/gm)].map(([, type]) => type);
  expect(listed.toSorted()).toEqual([...EVENT_TYPES, "webhook.test"].toSorted());
});
