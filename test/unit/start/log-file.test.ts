import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogFile } from "../../../scripts/start/log-file.ts";

let state: string;
let folder: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "liquidations-log-"));
  folder = join(state, "logs");
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const open = (maxBytes: number, maxFiles: number) => new LogFile(folder, { maxBytes, maxFiles, now: () => 0 });
const lines = (name: string) =>
  readFileSync(join(folder, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

test("keeps each line with its time, text too", () => {
  const log = open(1_000, 2);
  log.write('{"event":"job","job":"flush"}');
  log.write("a text of the runtime");
  const time = "1970-01-01T00:00:00.000Z";
  expect(lines("liquidations.log")).toEqual([
    { time, event: "job", job: "flush" },
    { time, message: "a text of the runtime" },
  ]);
});

test("begins another file when one is full, and keeps no more files than it may, over restarts", () => {
  let log = open(200, 3);
  for (let number = 0; number < 40; number += 1) {
    if (number % 7 === 0) log = open(200, 3);
    log.write(JSON.stringify({ event: "e", number }));
  }
  const files = readdirSync(folder).toSorted();
  expect(files).toEqual(["liquidations.1.log", "liquidations.2.log", "liquidations.log"]);
  for (const file of files) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(200);
  const numbers = files
    .toReversed()
    .toSorted((a, b) => (a < b ? 1 : -1))
    .flatMap((file) => lines(file))
    .map((line) => (line as { number: number }).number);
  expect(numbers.toSorted((a, b) => a - b).at(-1)).toBe(39);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("a line longer than a file gets one of its own", () => {
  const log = open(100, 2);
  log.write("x".repeat(500));
  log.write("y");
  expect(lines("liquidations.1.log")).toMatchObject([{ message: "x".repeat(500) }]);
  expect(lines("liquidations.log")).toMatchObject([{ message: "y" }]);
});

test("a log that cannot be written says so once and stops nothing", () => {
  const log = open(100, 2);
  rmSync(folder, { recursive: true });
  expect([log.write("a"), log.write("b")]).toEqual([expect.stringContaining("ENOENT"), null]);
});
