import { expect, test } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { createApi } from "../../../workers/api/app.ts";
import { mcpClient, modernMessage } from "./mcp-client.ts";
import { DAY } from "../sample-liquidation.ts";
import { workerEnv } from "../signals/signals-stage.ts";

const { get, send, request, modernRequest } = mcpClient(DAY);

/** All that comes of a subscription, once it has ended. */
async function listen(): Promise<string> {
  const message = modernMessage("subscriptions/listen", { notifications: { toolsListChanged: true } });
  return (await createApi().request("/mcp", { method: "POST", ...message }, workerEnv)).text();
}

test("every revision the SDK speaks is spoken, and the instructions say what the numbers are", async () => {
  for (const protocolVersion of ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]) {
    const { status, headers, body } = await request("initialize", {
      protocolVersion,
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    });
    expect(status).toBe(200);
    expect(headers.get("Content-Type")).toBe("application/json");
    expect(headers.get("Mcp-Session-Id")).toBeNull();
    expect(body.result).toMatchObject({
      protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "liquidations", version: packageJson.version },
    });
    expect(body.result.instructions).toMatch(/a lower bound.*Null means unknown.*Heuristic or modeled.*not advice/s);
  }
  const unknown = await request("initialize", {
    protocolVersion: "1999-01-01",
    capabilities: {},
    clientInfo: { name: "t", version: "1" },
  });
  expect(unknown.body.result.protocolVersion).toBe("2025-11-25");
  const { body } = await modernRequest("server/discover");
  expect(body.result).toMatchObject({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} } });
  const future = await modernRequest("server/discover", {}, "2999-01-01");
  expect(future).toMatchObject({ status: 400, body: { id: 7, error: { data: { supported: ["2026-07-28"] } } } });
});

test("a notification and a client's response are accepted without an answer", async () => {
  for (const message of [
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } },
    { jsonrpc: "2.0", id: 1, result: {} },
  ]) {
    expect(await send(JSON.stringify(message))).toMatchObject({ status: 202, body: null });
  }
});

test.each(["GET", "DELETE", "PUT", "PATCH"])("%s is refused with what is allowed, for there is no session", async (method) => {
  const reply = await get("/mcp", { method, headers: { Accept: "text/event-stream" } });
  expect(reply).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
  expect(reply.headers.get("Allow")).toBe("POST, OPTIONS");
});

test.each([
  ["no JSON", "{", -32_700],
  ["nothing", "", -32_700],
  ["a batch", JSON.stringify([{ jsonrpc: "2.0", id: 1, method: "ping" }]), -32_600],
  ["an empty batch", "[]", -32_600],
  ["no message", JSON.stringify({ hello: "world" }), -32_600],
  ["no object", "17", -32_600],
  ["null", "null", -32_600],
])("%s is a JSON-RPC error", async (_what, body, code) => {
  expect(await send(body)).toMatchObject({ status: 400, body: { jsonrpc: "2.0", id: null, error: { code } } });
});

test("a method that does not exist, another media type and a client that takes no JSON are refused", async () => {
  expect((await request("tools/destroy")).body).toMatchObject({ id: 7, error: { code: -32_601 } });
  expect((await modernRequest("tools/destroy")).body).toMatchObject({ id: 7, error: { code: -32_601 } });
  expect((await request("ping", {}, { "Content-Type": "text/plain" })).status).toBe(415);
  expect((await request("ping", {}, { Accept: "text/html" })).status).toBe(406);
});

test.each([{ Accept: "*/*" }, { Accept: "" }, { Accept: "application/json, */*;q=0.1" }])(
  "a client that takes anything is answered in both kinds of revision (%o)",
  async (headers) => {
    expect((await request("ping", {}, headers)).status).toBe(200);
    const modern = modernMessage("tools/list");
    expect((await send(modern.body, { ...modern.headers, ...headers })).status).toBe(200);
  },
);

test("a client that names no Accept at all is answered", async () => {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "ping", params: {} });
  expect((await get("/mcp", { method: "POST", body, headers: { "Content-Type": "application/json" } })).status).toBe(200);
});

test("a body that is too long is a 413, whether its length is stated or not", async () => {
  const long = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { x: "x".repeat(20_000) } });
  const stream = new Blob([long]).stream();
  for (const body of [long, stream]) expect(await send(body)).toMatchObject({ status: 413, body: { code: "too_large" } });
});

test("a subscription is acknowledged without anything in it and ends: the tools do not change meanwhile", async () => {
  const frames = (await listen()).split("\n").flatMap((line) => (line.startsWith("data: ") ? [JSON.parse(line.slice(6))] : []));
  expect(frames).toMatchObject([
    { method: "notifications/subscriptions/acknowledged", params: { notifications: {} } },
    { id: 7, result: { resultType: "complete" } },
  ]);
});
