import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { usageTally } from "../../../durable-objects/usage-tally.ts";
import { hex } from "../../../src/sha256.ts";
import { meteredEnv } from "../../../workers/usage/metered-env.ts";
import { PART_BYTES, putStreamed } from "../../../workers/r2/streamed-object.ts";

afterEach(() => reset());

const CSV = { contentType: "text/csv" };

/** Bytes in chunks that do not end where the parts do. */
async function* chunks(bytes: Uint8Array, size = 3_000_001): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

test.each([
  ["nothing", 0],
  ["less than a part", 1_000],
  ["exactly a part", PART_BYTES],
  ["several parts and a rest", 2 * PART_BYTES + 12_345],
])("%s that comes in chunks is stored unchanged, with its hash and type", async (_name, length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => index % 251);
  const stored = await putStreamed(env.BUCKET, "file", chunks(bytes), CSV);
  expect(stored).toEqual({ bytes: length, sha256: hex(await crypto.subtle.digest("SHA-256", bytes)) });
  const object = await env.BUCKET.get("file");
  expect(object?.httpMetadata).toEqual(CSV);
  expect(Buffer.from((await object?.arrayBuffer()) ?? []).equals(bytes)).toBe(true);
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* chunks(new Uint8Array(PART_BYTES + 5));
  throw new Error("the source failed");
}

test("chunks that end in an error leave what was there", async () => {
  await env.BUCKET.put("file", "before");
  await expect(putStreamed(env.BUCKET, "file", failing(), CSV)).rejects.toThrow("the source failed");
  expect(await (await env.BUCKET.get("file"))?.text()).toBe("before");
});

test("each part of an upload counts as what Cloudflare bills, with its beginning and its end", async () => {
  const add = vi.spyOn(usageTally, "add");
  const { BUCKET } = meteredEnv(env);
  await putStreamed(BUCKET, "file", chunks(new Uint8Array(2 * PART_BYTES + 1)), CSV);
  expect(add.mock.calls.filter(([item]) => item === "r2_class_a")).toHaveLength(5);
  add.mockRestore();
});
