import { describe, expect, test } from "vitest";
import { clientTypes } from "../../../scripts/client-types/client-types.ts";

/** The types made of a document that has these schemas and nothing else, on one line. */
async function typesOf(schemas: object): Promise<string> {
  const document = { openapi: "3.1.0", info: { title: "Test", version: "1.2.3" }, paths: {}, components: { schemas } };
  return (await clientTypes(JSON.stringify(document), null)).replaceAll(/\s+/g, " ");
}

describe("the type of a schema", () => {
  test.each<[object, string]>([
    [{ type: "integer" }, "number"],
    [{ type: "string" }, "string"],
    [{ type: ["integer", "string"] }, "number | string"],
    [{ const: 90 }, "90"],
    [{ enum: ["a", "b"] }, '"a" | "b"'],
    [{ anyOf: [{ type: "number" }, { type: "null" }] }, "number | null"],
    [{ $ref: "#/components/schemas/Gap" }, 'components["schemas"]["Gap"]'],
    [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } }, "(string | null)[]"],
    [{ type: "object", additionalProperties: { type: "number" } }, "{ [key: string]: number; }"],
    [{ type: "object", propertyNames: { enum: ["x", "y"] }, additionalProperties: { type: "number" } }, "{ x?: number; y?: number; }"],
    [
      { allOf: [{ $ref: "#/components/schemas/Gap" }], type: "object", properties: { b: { const: 1 } }, required: ["b"] },
      '{ /** @constant */ b: 1; } & components["schemas"]["Gap"]',
    ],
    [{}, "unknown"],
  ])("%j is %s", async (schema, type) => {
    expect(await typesOf({ Tested: { type: "object", properties: { field: schema } }, Gap: { type: "object" } })).toContain(
      `field?: ${type};`,
    );
  });

  test("of an object has a field a line, with what it means before it, quoted where its name needs it", async () => {
    const schema = {
      type: "object",
      properties: { a: { type: "number", description: "USD." }, "b-c": { type: "object", properties: { d: { type: "boolean" } } } },
      required: ["a"],
    };
    const types = await typesOf({ Tested: schema });
    expect(types).toContain('Tested: { /** @description USD. */ a: number; "b-c"?: { d?: boolean; }; };');
    expect(types).toContain("export type Tested = components['schemas']['Tested'];");
  });

  test("of a field with a default is optional unless the schema requires it", async () => {
    const schema = {
      type: "object",
      properties: { a: { type: "number", default: 1 }, b: { type: "number", default: 1 } },
      required: ["b"],
    };
    expect(await typesOf({ Tested: schema })).toMatch(/\ba\?: number;.*\bb: number;/);
  });
});

test("a description cannot end its comment", async () => {
  const types = await typesOf({ Tested: { type: "object", properties: { a: { type: "number", description: "ends */ here" } } } });
  expect(types).toContain("/** @description ends *\\/ here */ a?: number;");
});

test("the first line says which API and version the types are of", async () => {
  expect(await typesOf({})).toMatch(/^\/\/ Test 1\.2\.3: generated from/);
});
