import { describe, expect, test } from "vitest";
import { type JsonSchema, comment, schemaType } from "../../../scripts/client-types/schema-type.ts";

describe("the type of a schema", () => {
  test.each<[JsonSchema, string]>([
    [{ type: "integer" }, "number"],
    [{ type: "string" }, "string"],
    [{ type: ["integer", "string"] }, "number | string"],
    [{ const: 90 }, "90"],
    [{ enum: ["a", "b"] }, '"a" | "b"'],
    [{ anyOf: [{ type: "number" }, { type: "null" }] }, "number | null"],
    [{ $ref: "#/components/schemas/Gap" }, "Gap"],
    [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } }, "Array<string | null>"],
    [{ type: "object", additionalProperties: { type: "number" } }, "{ [name: string]: number }"],
    [{ type: "object", propertyNames: { enum: ["x"] }, additionalProperties: { type: "number" } }, '{ [Name in "x"]?: number }'],
    [{ allOf: [{ $ref: "#/a/A" }], type: "object", properties: { b: { const: 1 } }, required: ["b"] }, "A & {\n  b: 1;\n}"],
    [{}, "unknown"],
  ])("%j is %s", (schema, type) => {
    expect(schemaType(schema)).toBe(type);
  });

  test("of an object has a field a line, with what it means before it, quoted where its name needs it", () => {
    const schema: JsonSchema = {
      type: "object",
      properties: { a: { type: "number", description: "USD." }, "b-c": { type: "object", properties: { d: { type: "boolean" } } } },
      required: ["a"],
    };
    expect(schemaType(schema)).toBe('{\n  /** USD. */\n  a: number;\n  "b-c"?: {\n    d?: boolean;\n  };\n}');
  });
});

test("a description cannot end its comment", () => {
  expect(comment("ends */ here\nand goes on", "")).toBe("/**\n * ends *∕ here\n * and goes on\n */\n");
});
