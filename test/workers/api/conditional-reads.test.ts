import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { apiClient } from "./api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const PATH = "/v1/liquidations?symbol=BTC&start=2026-11-19T12:00:00Z&end=2026-11-20T01:00:00Z";
const get = apiClient(DAY + 3_600_000);
const holding = (etag: string) => ({ headers: { "If-None-Match": etag } });

afterEach(emptyStorage);

async function etagOf(path: string): Promise<string> {
  return (await get(path)).headers.get("ETag") ?? "";
}

describe("a read", () => {
  test("is tagged by what it says, not by the request's id, and may be kept", async () => {
    const [first, again] = [await get(PATH), await get(PATH)];
    expect(first.headers.get("ETag")).toMatch(/^W\/"[\w-]{24}"$/);
    expect(first.body.meta.request_id).not.toBe(again.body.meta.request_id);
    expect(again.headers.get("ETag")).toBe(first.headers.get("ETag"));
    expect(first.headers.get("Cache-Control")).toBe("private, no-cache");
  });

  test("is a 304 without a body for a caller that has it, in whichever form the tag comes", async () => {
    const etag = await etagOf(PATH);
    for (const header of [etag, etag.replace("W/", ""), `"other", ${etag}`, "*"]) {
      const reply = await get(PATH, holding(header));
      expect(reply, header).toMatchObject({ status: 304, body: null });
      expect(reply.headers.get("ETag")).toBe(etag);
      expect(reply.headers.get("X-Request-Id")).not.toBeNull();
      expect(reply.headers.get("Content-Type")).toBeNull();
    }
    expect(await get(PATH, { method: "HEAD", ...holding(etag) })).toMatchObject({ status: 304 });
  });

  test("is answered in full once an event has come, or another question is asked", async () => {
    const etag = await etagOf(PATH);
    expect((await get(`${PATH}&order=asc&limit=5`, holding(etag))).status).toBe(304);
    await d1Sink.write(env, parseConfig({}), sampleBatch([sampleLiquidation({})]));
    const reply = await get(PATH, holding(etag));
    expect(reply).toMatchObject({ status: 200, body: { meta: { count: 1 } } });
    expect(reply.headers.get("ETag")).not.toBe(etag);
  });

  test("that fails has no tag and is not kept", async () => {
    const reply = await get("/v1/stats");
    expect(reply.status).toBe(400);
    expect(reply.headers.get("ETag")).toBeNull();
    expect(reply.headers.get("Cache-Control")).toBe("no-store");
  });
});

test("what is made is not tagged", async () => {
  const admin = apiClient(DAY, { ADMIN_TOKEN: "admin-of-at-least-32-characters-here" });
  const init = {
    method: "POST",
    headers: { Authorization: "Bearer admin-of-at-least-32-characters-here" },
    body: JSON.stringify({ name: "a" }),
  };
  const reply = await admin("/v1/keys", init);
  expect(reply.status).toBe(201);
  expect(reply.headers.get("ETag")).toBeNull();
  expect(reply.headers.get("Cache-Control")).toBe("no-store");
});
