import { expect, test } from "vitest";
import { MAX_MINUTES, readDemoOptions } from "../../../scripts/demo/options.ts";

test("without options the demo has a fixed port, some history and no end but Ctrl-C", () => {
  expect(readDemoOptions([])).toEqual({
    minutes: MAX_MINUTES,
    rate: 0.5,
    seed: 1,
    historyDays: 10,
    fresh: false,
    port: 8787,
    state: null,
    verbose: false,
  });
});

test.each([
  [["--port", "80.5"], '--port is "80.5"; allowed: a whole number from 0 to 65535'],
  [["--minutes", "soon"], '--minutes is "soon"; allowed: a number from 0.1 to 1380'],
  [["--seed", "1.5"], '--seed is "1.5"; allowed: a whole number from 0 to 2147483648'],
  [["--history-days", "30"], '--history-days is "30"; allowed: a number from 0 to 14'],
  [["--rates", "1"], "Unknown option '--rates'"],
])("%j is refused in one sentence", (args, message) => {
  expect(() => readDemoOptions(args)).toThrow(message);
});
