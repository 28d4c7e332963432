import { expect, test } from "vitest";
import { readBeginning, responseExcerpt } from "../../../src/webhooks/response-excerpt.ts";

test("an excerpt is one line of at most 200 characters without control characters", () => {
  expect(responseExcerpt(" a\r\n\tb\u0000c\u202Ed ", [])).toBe("a b c d");
  expect(responseExcerpt("x".repeat(999), [])).toBe("x".repeat(200));
});

test("an excerpt shows no secret, known or such as look like one", () => {
  expect(responseExcerpt("token t0p-s3cret is bad", ["t0p-s3cret", ""])).toBe("token … is bad");
  expect(responseExcerpt("whsec_bXkgc2VjcmV0IGtleQ== Bearer abc.def sk-1234567890 eyJhbGci.eyJzdWIi.c2ln", [])).toBe("… … … …");
});

test("reading stops at the beginning of a body without end", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(1_024).fill(65));
    },
  });
  expect(await readBeginning(new Response(endless))).toMatch(/^A+$/);
  expect(pulled).toBeLessThan(10);
});

test("a body that breaks off is kept up to there", async () => {
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("half"));
    },
    pull(controller) {
      controller.error(new Error("gone"));
    },
  });
  expect(await readBeginning(new Response(broken))).toBe("half");
  expect(await readBeginning(new Response(null))).toBe("");
});
