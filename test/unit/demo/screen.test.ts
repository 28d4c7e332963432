import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Screen } from "../../../scripts/demo/screen.ts";

/** A terminal that keeps what was written, or a pipe. */
function outputOf(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 40 }) as unknown as NodeJS.WriteStream & PassThrough;
  return { stream, written: () => String(stream.read() ?? "") };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("on a terminal the line is rewritten in place, and a text is put above it", () => {
  const { stream, written } = outputOf(true);
  const screen = new Screen(stream);
  let count = 0;
  screen.follow(() => `line ${(count += 1)}`);
  vi.advanceTimersByTime(1_000);
  screen.print("a table");
  screen.rest();
  const clear = "\r\u001B[2K";
  expect(written()).toBe(`${clear}line 1${clear}line 2${clear}a table\n${clear}line 3${clear}`);
});

test("elsewhere the line is printed now and then", () => {
  const { stream, written } = outputOf(false);
  const screen = new Screen(stream);
  screen.follow(() => "line");
  vi.advanceTimersByTime(31_000);
  screen.print("a table");
  screen.rest();
  vi.advanceTimersByTime(60_000);
  expect(written()).toBe("line\nline\na table\n");
});
