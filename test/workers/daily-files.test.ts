import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { encodeGroup } from "../../src/daily/encode-group.ts";
import { readLiquidations } from "../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { loadParquet } from "../../workers/sinks/parquet-module.ts";
import { sampleLiquidation } from "./sample-liquidation.ts";
test("group in workerd", async () => {
  loadParquet();
  const bytes = encodeLiquidations(
    [1, 2, 3].map((n) => sampleLiquidation({ event_id: `a${n}` })),
    { metadata: {} },
  );
  async function* parts() {
    yield { bytes, offset: 1, rows: 2 };
    yield { bytes, offset: 0, rows: 1 };
  }
  expect(readLiquidations(await encodeGroup(parts())).map((r) => r.event_id)).toEqual(["a2", "a3", "a1"]);
  const sha = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const { readable, writable } = new FixedLengthStream(bytes.length);
  const w = writable.getWriter();
  const done = w.write(bytes).then(() => w.close());
  await env.BUCKET.put("x", readable, { sha256: sha });
  await done;
  const head = await env.BUCKET.head("x");
  expect(Buffer.from(head?.checksums.sha256 ?? new ArrayBuffer(0)).toString("hex")).toBe(Buffer.from(sha).toString("hex"));
  await reset();
});
