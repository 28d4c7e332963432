import type { CascadeRecord } from "../cascade/cascade-record.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { IndexedPicture } from "./png.ts";

/** What a preview draws of a minute. */
interface PictureCandle {
  /** Its beginning, ms. */
  readonly time: number;
  readonly close: number;
}

export const PICTURE_WIDTH = 1_200;
export const PICTURE_HEIGHT = 630;
const MARGIN = 60;
const LINE_RADIUS = 3;
const HATCH_PX = 16;
const HATCH_LINE_PX = 4;

/** Places of the colours in the palette, those of the dashboard's dark theme; 0 is the ground. */
const LINE = 1;
const DURING = 2;
const EDGE = 3;
const GAP = 4;
const COMMON = [
  [10, 13, 19],
  [226, 232, 242],
] as const;
const OF_SIDE = {
  long: [
    [74, 33, 29],
    [255, 122, 102],
  ],
  short: [
    [13, 59, 64],
    [53, 195, 201],
  ],
} as const;

/**
 * The mark price around a cascade, without text: the time of the cascade in its side's colour, what was not covered hatched in
 * grey. Without marks only those are drawn.
 *
 * @param range the time from the left edge to the right, ms
 */
export function cascadePicture(
  { position_side: side, start_time: start, end_time: end, gaps }: CascadeRecord,
  marks: readonly PictureCandle[],
  range: { readonly start: number; readonly end: number },
): IndexedPicture {
  const pixels = new Uint8Array(PICTURE_WIDTH * PICTURE_HEIGHT);
  const x = (time: number) => ((time - range.start) / (range.end - range.start)) * PICTURE_WIDTH;
  fill(pixels, x(start), Math.max(x(end ?? range.end), x(start) + 4), DURING);
  for (const { from_time: from, to_time: to } of gaps) {
    hatch(pixels, x(from), Math.max(x(to ?? range.end), x(from) + 4));
  }
  fill(pixels, x(start) - 2, x(start) + 2, EDGE);
  drawMarks(pixels, marks, x);
  return { width: PICTURE_WIDTH, height: PICTURE_HEIGHT, pixels, palette: [...COMMON, ...OF_SIDE[side], [131, 144, 165]] };
}

/** The columns from one time to another, within the picture. */
function columnsOf(from: number, to: number): readonly [first: number, last: number] {
  return [Math.max(0, Math.round(from)), Math.min(PICTURE_WIDTH, Math.round(to))];
}

function fill(pixels: Uint8Array, from: number, to: number, colour: number): void {
  const [first, last] = columnsOf(from, to);
  if (first >= last) return;
  for (let row = 0; row < PICTURE_HEIGHT; row += 1) pixels.fill(colour, row * PICTURE_WIDTH + first, row * PICTURE_WIDTH + last);
}

/** Diagonal lines over what is there. */
function hatch(pixels: Uint8Array, from: number, to: number): void {
  const [first, last] = columnsOf(from, to);
  for (let row = 0; row < PICTURE_HEIGHT; row += 1) {
    // The first line of this row at or before its left edge.
    for (let line = first - ((first + row) % HATCH_PX); line < last; line += HATCH_PX) {
      const [left, right] = [Math.max(line, first), Math.min(line + HATCH_LINE_PX, last)];
      if (left < right) pixels.fill(GAP, row * PICTURE_WIDTH + left, row * PICTURE_WIDTH + right);
    }
  }
}

/** A line through the closes; a minute without a mark interrupts it. */
function drawMarks(pixels: Uint8Array, marks: readonly PictureCandle[], x: (time: number) => number): void {
  const closes = marks.map(({ close }) => close);
  const [low, high] = [Math.min(...closes), Math.max(...closes)];
  const y = (price: number) => PICTURE_HEIGHT - MARGIN - ((price - low) / (high - low || 1)) * (PICTURE_HEIGHT - 2 * MARGIN);
  for (const [index, mark] of marks.entries()) {
    const before = marks[index - 1];
    if (before === undefined || mark.time - before.time > MINUTE_MS) continue;
    const from = [x(mark.time), y(before.close)] as const;
    const to = [x(mark.time + MINUTE_MS), y(mark.close)] as const;
    const steps = Math.ceil(Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])));
    for (let step = 0; step <= steps; step += 1) {
      dot(pixels, from[0] + ((to[0] - from[0]) * step) / steps, from[1] + ((to[1] - from[1]) * step) / steps);
    }
  }
}

function dot(pixels: Uint8Array, column: number, row: number): void {
  for (let dy = -LINE_RADIUS; dy <= LINE_RADIUS; dy += 1) {
    for (let dx = -LINE_RADIUS; dx <= LINE_RADIUS; dx += 1) {
      const [left, top] = [Math.round(column) + dx, Math.round(row) + dy];
      if (dx * dx + dy * dy > LINE_RADIUS ** 2 + 1 || left < 0 || left >= PICTURE_WIDTH || top < 0 || top >= PICTURE_HEIGHT) continue;
      pixels[top * PICTURE_WIDTH + left] = LINE;
    }
  }
}
