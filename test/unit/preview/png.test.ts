import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { PICTURE_HEIGHT, PICTURE_WIDTH, cascadePicture } from "../../../src/preview/cascade-picture.ts";
import { encodePng } from "../../../src/preview/png.ts";
import { sampleCascade } from "../cascade/sample-cascade.ts";

const MINUTE_MS = 60_000;
const NOW = Date.UTC(2026, 10, 20);

/** The content of a chunk. */
function chunkOf(png: Buffer, name: string): Buffer {
  const place = png.indexOf(name);
  return png.subarray(place + 4, place + 4 + png.readUInt32BE(place - 4));
}

test("a picture is a PNG of its pixels, with the known checksum of its end", async () => {
  const pixels = Uint8Array.from([0, 1, 1, 0, 1, 0]);
  const palette = [
    [0, 0, 0],
    [255, 255, 255],
  ] as const;
  const png = Buffer.from(await encodePng({ width: 3, height: 2, pixels, palette }));
  expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  expect([...chunkOf(png, "IHDR")]).toEqual([0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0]);
  expect([...inflateSync(chunkOf(png, "IDAT"))]).toEqual([0, 0, 1, 1, 0, 0, 1, 0]);
  expect(png.subarray(-4).toString("hex")).toBe("ae426082");
});

test("the picture of a cascade falls with its mark price, hatches gaps, and is there without any mark", () => {
  const cascade = sampleCascade(NOW, {
    gaps: [{ exchange: "okx", from_time: NOW - 9 * MINUTE_MS, to_time: NOW, reason: "silent" }],
  });
  const range = { start: NOW - 40 * MINUTE_MS, end: NOW };
  const marks = Array.from({ length: 40 }, (_, minute) => ({ time: range.start + minute * MINUTE_MS, close: 100 - minute }));
  const { pixels } = cascadePicture(cascade, marks, range);
  const rowsOfLine = (from: number) =>
    Array.from({ length: PICTURE_HEIGHT }, (_, row) => row).filter((row) => pixels[row * PICTURE_WIDTH + from] === 1);
  expect(rowsOfLine(100).length).toBeGreaterThan(3);
  expect(rowsOfLine(1_100)[0]).toBeGreaterThan(rowsOfLine(100).at(-1) ?? PICTURE_HEIGHT);
  expect(new Set(pixels)).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(new Set(cascadePicture(cascade, [], range).pixels)).toEqual(new Set([0, 2, 3, 4]));
});
