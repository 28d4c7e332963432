import { describe, expect, test } from "vitest";
import * as z from "zod";
import { readMessage } from "../../../src/stream/client-message.ts";
import { ProblemError } from "../../../workers/api/http/problem.ts";
import { readValues } from "../../../workers/api/http/read-parameters.ts";
import { OPERATIONS } from "../../../workers/api/operations.ts";

/** A value of each type of JSON. */
const VALUES = [5, "§", true, null, [5], { five: 5 }];

function errorsOf(schema: z.ZodType, body: object) {
  try {
    readValues(schema, body);
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return error.errors;
    throw error;
  }
}

const bodies = OPERATIONS.flatMap(({ doc: { id, body } }) =>
  body === null ? [] : [{ id, body, fields: Object.keys(z.toJSONSchema(body, { io: "input", unrepresentable: "any" }).properties ?? {}) }],
);

describe("a field of a wrong type", () => {
  test.each(bodies)("in the body of $id is named with what is allowed", ({ body, fields }) => {
    for (const field of fields) {
      const details = VALUES.flatMap((value) => errorsOf(body, { [field]: value }).filter(({ parameter }) => parameter === field));
      expect(details.length, `${field} takes anything`).toBeGreaterThan(0);
      for (const { detail } of details) expect(detail, field).not.toMatch(/^is required|^Invalid|^Unrecognized/);
    }
  });

  test("in a message of the stream is named with what is allowed", () => {
    const fields = ["channels", "symbol", "exchange", "side", "min_usd", "include"];
    for (const field of fields) {
      for (const value of VALUES) {
        const read = readMessage(JSON.stringify({ op: "subscribe", id: "a", [field]: value }));
        if (read.kind === "refused") expect(read.detail, field).not.toMatch(/is required|Invalid/);
      }
    }
    expect(readMessage(JSON.stringify({ op: "subscribe" }))).toMatchObject({ kind: "refused", detail: expect.stringContaining("id: ") });
  });
});

const errorsOfBody = (operation: string, body: object) => {
  const found = bodies.find(({ id }) => id === operation);
  if (found === undefined) throw new Error(`no operation ${operation} has a body`);
  return errorsOf(found.body, body);
};

test("a field that is missing is required", () => {
  expect(errorsOfBody("createRule", {})).toEqual(["name", "rule", "symbols"].map((parameter) => ({ parameter, detail: "is required" })));
});

test.each(["updateRule", "updateWebhook"])(
  "changes without a field are refused as a body, and a field that is not allowed alone (%s)",
  (id) => {
    expect(errorsOfBody(id, {})).toEqual([{ parameter: "body", detail: expect.stringMatching(/^must have at least one of /) }]);
    expect(errorsOfBody(id, { colour: "red" })).toEqual([{ parameter: "colour", detail: "is not a parameter of this operation" }]);
  },
);
