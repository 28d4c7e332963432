import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { frameText } from "../../../durable-objects/exchange-feed/sockets/frame-text.ts";

const TEXT = '{"op":"ping","ts":"1789676447110"}';
const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

test("a frame is text, bytes of text, or gzip of them", () => {
  const frames = [TEXT, bufferOf(new TextEncoder().encode(TEXT)), bufferOf(gzipSync(TEXT))];
  expect(frames.map(frameText)).toEqual(frames.map(() => ({ text: TEXT, fault: null })));
});

test("gzip that is cut off or swells to more than 4 MB is refused, with its first bytes", () => {
  const cut = bufferOf(gzipSync(TEXT).subarray(0, 20));
  const bomb = bufferOf(gzipSync(Buffer.alloc(5_000_000)));
  for (const frame of [cut, bomb]) {
    const { text, fault } = frameText(frame);
    expect(fault).toMatch(/^gzip cannot be read: /);
    expect(text).toMatch(/^H4sI/);
    expect(text.length).toBeLessThanOrEqual(400);
  }
});
