import { expect, test, vi } from "vitest";
import { type RestartStorage, SelfRestart } from "../../durable-objects/self-restart.ts";
import { platformFaultOf } from "../../src/platform-fault.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";

const SPENT = "Too many subrequests by single Worker invocation. To configure this limit, refer to https://developers.cloudflare.com";

test.each([
  [SPENT, "calls"],
  ["D1_ERROR: Too many API requests by single worker invocation.", "calls"],
  ["disk I/O error: SQLITE_IOERR", "storage"],
  ["Internal error in Durable Object storage caused object to be reset.", "storage"],
  ["Cannot perform I/O on behalf of a different Durable Object.", "foreign_io"],
  ["HTTP 429 Too Many Requests", null],
  ["database or disk is full: SQLITE_FULL", null],
  ["Network connection lost.", null],
])("%s is the fault %s", (message, fault) => {
  expect(platformFaultOf(new Error(message))).toBe(fault);
});

function opened() {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const stored = new Map<string, unknown>();
  const aborted: string[] = [];
  let now = Date.UTC(2026, 10, 28);
  const kv = {
    get: <Value>(key: string) => stored.get(key) as Value | undefined,
    put: (key: string, value: unknown) => void stored.set(key, value),
  };
  const storage = { kv, sync: () => Promise.resolve() } as RestartStorage;
  const open = () => new SelfRestart({ object: "Test", abort: (reason) => aborted.push(reason), storage, now: () => now });
  return { aborted, open, pass: (ms: number) => (now += ms), settle: () => new Promise((done) => setTimeout(done, 0)) };
}

const fail = (restart: SelfRestart, times: number, message = SPENT) => {
  for (let n = 0; n < times; n += 1) restart.failed(new Error(message));
};

test("an object restarts itself once, after five faults of a kind in a row", async () => {
  const { aborted, open, pass, settle } = opened();
  const restart = open();
  pass(3 * MINUTE_MS);
  fail(restart, 4);
  await settle();
  expect(aborted).toEqual([]);
  fail(restart, 3);
  await settle();
  expect(aborted).toEqual([expect.stringContaining(SPENT)]);
  expect(open().warnings).toEqual([expect.stringContaining("(1 in all)")]);
  pass(24 * 60 * MINUTE_MS);
  expect(open().warnings).toEqual([]);
});

test("a success between, faults of other kinds and errors of others do not add up", async () => {
  const { aborted, open, pass, settle } = opened();
  const restart = open();
  pass(3 * MINUTE_MS);
  fail(restart, 4);
  await restart.watch(() => Promise.resolve());
  fail(restart, 4);
  fail(restart, 4, "disk I/O error");
  fail(restart, 50, "HTTP 503");
  await settle();
  expect(aborted).toEqual([]);
});

test("an object that has just started does not restart again, so it does something between", async () => {
  const { aborted, open, pass, settle } = opened();
  const restart = open();
  fail(restart, 50);
  await settle();
  expect(aborted).toEqual([]);
  pass(3 * MINUTE_MS);
  fail(restart, 1);
  await settle();
  expect(aborted).toHaveLength(1);
});
