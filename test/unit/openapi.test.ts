import { execFileSync } from "node:child_process";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, test } from "vitest";
import { untruths } from "./example-rules.ts";

type Node = Readonly<Record<string, unknown>>;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly { readonly name?: string; readonly description?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly example?: unknown }>> }>>;
}

let text: string;
let document: { readonly paths: Node; readonly webhooks: Node; readonly components: { readonly schemas: Node } };
let operations: readonly Operation[];

beforeAll(() => {
  // In a process of its own: the Worker's modules are loaded by hooks that a test's own loader goes around.
  const module = new URL("../../scripts/openapi-document.ts", import.meta.url).href;
  const program = `import { openApiText } from "${module}"; process.stdout.write(await openApiText());`;
  text = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8", maxBuffer: 2 ** 26 });
  document = JSON.parse(text) as typeof document;
  operations = Object.values(document.paths).flatMap((item) => Object.values(item as Readonly<Record<string, Operation>>));
});

test("the document has nothing Redocly's recommended rules find fault with, not even a warning", async () => {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source: text, absoluteRef: "/openapi.json", config });
  expect(problems.map(({ severity, ruleId, message, location }) => ({ severity, ruleId, message, at: location[0]?.pointer }))).toEqual([]);
});

describe("every operation", () => {
  test("has a name of its own, words, and an example of what it answers", () => {
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, summary, description, responses } of operations) {
      expect(summary.length, operationId).toBeGreaterThan(5);
      expect(description.length, operationId).toBeGreaterThan(5);
      const answers = Object.entries(responses).flatMap(([status, { content }]) =>
        status.startsWith("2") ? Object.entries(content ?? {}) : [],
      );
      for (const [type, { example }] of answers) {
        if (type === "application/json" && operationId !== "downloadExport") expect(example, operationId).toBeDefined();
      }
    }
  });

  test("says what each of its parameters is, and shows a body where it takes one", () => {
    for (const { operationId, parameters, requestBody } of operations) {
      for (const { name, description } of parameters) {
        if (name !== undefined) expect(description?.length ?? 0, `${operationId} ${name}`).toBeGreaterThan(5);
      }
      if (requestBody !== undefined) expect(requestBody.content["application/json"]?.example, operationId).toBeDefined();
    }
  });
});

test("every example in the document fits the schema beside it", () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: "document", ...document });
  const misfits: string[] = [];
  let checked = 0;
  const visit = (node: unknown, pointer: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { schema, example } = node as { readonly schema?: unknown; readonly example?: unknown };
    if (schema !== undefined && example !== undefined) {
      checked += 1;
      const validate = ajv.compile({ $ref: `document#${pointer}/schema` });
      if (!validate(example)) misfits.push(`${pointer}: ${ajv.errorsText(validate.errors)}`);
    }
    for (const [key, child] of Object.entries(node)) {
      if (key !== "example" && key !== "examples") visit(child, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    }
  };
  visit(document.paths, "/paths");
  visit(document.webhooks, "/webhooks");
  expect(misfits).toEqual([]);
  expect(checked).toBeGreaterThan(operations.length);
});

test("every example could be true: its times are in order, its parts add up, and nothing contradicts itself", () => {
  const found: string[] = [];
  const visit = (node: unknown, pointer: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { schema, example } = node as { readonly schema?: unknown; readonly example?: unknown };
    if (schema !== undefined && example !== undefined) found.push(...untruths(example, pointer));
    for (const [key, child] of Object.entries(node)) if (key !== "example" && key !== "examples") visit(child, `${pointer}/${key}`);
  };
  visit(document.paths, "");
  visit(document.webhooks, "webhooks");
  expect(found).toEqual([]);
});

const side = (usd: number) => ({ events: 1, usd, max_usd: usd });

test("the rules for examples find what cannot be true", () => {
  expect(untruths({ start_time: 1_795_251_900_000, end_time: 1_795_251_900_000 }, "a")).toEqual(["a: start_time lies after end_time"]);
  expect(untruths({ created_time: 0 }, "a")).toEqual(["a: created_time is 0"]);
  expect(untruths({ long: side(1), short: side(2), total: { ...side(4), events: 2 } }, "a")).toEqual([
    "a: usd of total is not that of its sides",
  ]);
  expect(untruths({ rows: 3, files: [{ rows: 1 }, { rows: 1 }] }, "a")).toEqual(["a: rows of the files do not add up"]);
  expect(untruths([{ detail: "…" }], "a")).toEqual(["a/0/detail is a stand-in"]);
  expect(untruths({ exchanges: [{ exchange: "okx", share: 0.4 }], hhi: 0.16, dominant_exchange: "okx" }, "a")).toEqual([
    "a: shares do not add up to 1",
  ]);
});

test("every description begins with its noun or verb, and not with a question", () => {
  const texts = [...text.matchAll(/"description":"((?:[^"\\]|\\.)*)"/g)].map(([, description = ""]) => description);
  expect(texts.length).toBeGreaterThan(1_000);
  expect(texts.filter((description) => /^(?:What|How|Who|When|Why)\b/.test(description))).toEqual([]);
});

test("no limit of JavaScript's whole numbers is taken for something that is meant", () => {
  expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER));
});

test("the answers' own objects take nothing that is not named", () => {
  const open = Object.entries(document.components.schemas).filter(([, schema]) => {
    const { type, properties, additionalProperties } = schema as Node;
    return type === "object" && properties !== undefined && additionalProperties !== false;
  });
  // What the Model Context Protocol says is the protocol's to extend.
  expect(open.map(([name]) => name)).toEqual(["McpMessage", "McpResponse"]);
});
