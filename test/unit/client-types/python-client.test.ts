import { execFileSync, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { pythonFiles } from "../../../scripts/python-client/python-files.ts";
import { canonicalJson } from "../../../src/signals/canonical-json.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

test("the generated modules of clients/python are those of the API's documents", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/python-client.ts", "--check"], { cwd: ROOT, encoding: "utf8" });
  expect(status, stderr).toBe(0);
});

const DOCUMENT = {
  info: { version: "1.2.3" },
  paths: {
    "/v1/things/{id}": {
      get: {
        operationId: "getThing",
        summary: 'Get a "thing"',
        parameters: [
          { name: "id", in: "path", required: true, description: "Its id.", schema: { type: "string" } },
          { name: "start", in: "query", description: "From.", schema: { type: ["integer", "string"] } },
          { name: "If-None-Match", in: "header", schema: { type: "string" } },
        ],
        responses: {
          200: { content: { "application/json": { schema: { properties: { data: { $ref: "#/components/schemas/Thing" }, meta: {} } } } } },
        },
      },
      delete: {
        operationId: "deleteThing",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { 204: {} },
      },
    },
    "/v1/things": {
      get: {
        operationId: "listThings",
        parameters: [{ name: "cursor", in: "query", schema: { type: "string" } }],
        responses: {
          200: {
            content: {
              "application/json": {
                schema: { properties: { data: { type: "array", items: { $ref: "#/components/schemas/Thing" } }, meta: {} } },
              },
            },
          },
        },
      },
    },
    "/page": { get: { operationId: "getPage", responses: { 200: { content: { "text/html": {} } } } } },
  },
  webhooks: {
    "thing.made": {
      post: { requestBody: { content: { "application/json": { schema: { properties: { type: { const: "thing.made" } } } } } } },
    },
  },
  components: {
    schemas: {
      Problem: { properties: { code: { enum: ["not_found", "internal"] } } },
      Thing: {
        properties: {
          time: { type: ["integer", "null"], description: "Milliseconds since 1970 UTC." },
          size: { type: "number" },
          kind: { type: "string", enum: ["a", "b"] },
          parts: { type: "array", items: { properties: { from: { type: "integer" } } } },
        },
        required: ["time", "size"],
      },
    },
  },
};
const STREAM = {
  info: { version: "1.2.3" },
  components: { schemas: {}, messages: { thing: { payload: { $ref: "#/components/schemas/Thing" } } } },
};

test("operations, types, columns and errors follow from the documents", () => {
  const files = pythonFiles(JSON.stringify(DOCUMENT), JSON.stringify(STREAM));
  expect(files.get("version.py")).toContain('API_VERSION = "1.2.3"');
  const types = files.get("types.py");
  expect(types).toContain("class Thing(TypedDict):\n    time: int | None\n");
  expect(types).toContain('    kind: NotRequired[Literal["a", "b"]]\n    parts: NotRequired[list[ThingPartsItem]]\n');
  expect(types).toContain('ThingPartsItem = TypedDict("ThingPartsItem", {\n    "from": "NotRequired[int]",\n})\n');
  expect(types).toContain('PassedFrame = Union["Thing"]');
  expect(types).toContain('WebhookEvent = Union["ThingMadeEvent"]');
  expect(files.get("problems.py")).toContain('    "not_found": NotFound,\n    "internal": InternalError,\n');
  expect(files.get("columns.py")).toContain(
    'THINGS = {\n    "time": "time",\n    "size": "number",\n    "kind": "text",\n    "parts": "object",\n}',
  );
  const operations = files.get("operations.py");
  expect(operations).toContain("    def get_thing(self, id: str, *, start: Moment | None = None) -> Answer[t.Thing]:\n");
  expect(operations).toContain('        return self._answer("GET", self._path("/v1/things/{id}", id=id), {"start": start})\n');
  expect(operations).toContain("    def delete_thing(self, id: str) -> None:\n");
  expect(operations).toContain('        return self._pages("/v1/things", {}, columns.THINGS)\n');
  expect(operations).not.toContain("get_page");
  const asynchronous = files.get("async_operations.py");
  expect(asynchronous).toContain("    async def get_thing(self, id: str");
  expect(asynchronous).toContain("    def list_things(self) -> AsyncPages[t.Thing]:\n");
});

test("documents of two versions are refused", () => {
  const other = JSON.stringify({ ...STREAM, info: { version: "1.2.4" } });
  expect(() => pythonFiles(JSON.stringify(DOCUMENT), other)).toThrow("differ in version");
});

test.skipIf(spawnSync("python3", ["--version"]).status !== 0)("Python writes canonical JSON as the ledger does", () => {
  const numbers = Array.from({ length: 400 }, (_, n) => Number(`${(n * 7_919) % 1_000}.${(n * 104_729) % 99_991}e${(n % 61) - 30}`));
  const values = [
    ...numbers,
    ...numbers.map((number) => -number),
    ...sampleLiquidations(50, 3, 0),
    { é: ["\u2028", "\u007f", "😀"], "": null, "\ufb33": 1, "😀": 2 },
  ];
  const program =
    "import json, sys; from liquidations.canonical_json import canonical_json; sys.stdout.write(canonical_json(json.load(sys.stdin)))";
  const written = execFileSync("python3", ["-B", "-c", program], {
    cwd: `${ROOT}/clients/python`,
    encoding: "utf8",
    input: JSON.stringify(values),
  });
  expect(written).toBe(canonicalJson(values));
});
