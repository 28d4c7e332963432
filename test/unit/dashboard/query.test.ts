import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Query } from "../../../dashboard/src/api/query.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { visibilityState: "visible" });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const answers = <Data>(...data: readonly Data[]) => {
  let asked = 0;
  return vi.fn(async () => ({ kind: "ok" as const, data: data[Math.min(asked++, data.length - 1)] as Data, meta: null }));
};

test("what is over is not asked again", async () => {
  const load = answers({ isRunning: true }, { isRunning: false });
  const hide = new Query(
    load,
    ({ isRunning }) => (isRunning ? 1_000 : null),
    () => undefined,
  ).show();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(load).toHaveBeenCalledTimes(2);
  hide();
});

test("another interval counts from the last answer, and naming the same one again moves nothing", async () => {
  const load = answers(1);
  const query = new Query(load, undefined, () => undefined);
  const hide = query.show();
  await vi.advanceTimersByTimeAsync(600);
  query.refreshEvery(1_000);
  await vi.advanceTimersByTimeAsync(300);
  query.refreshEvery(1_000);
  expect(load).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(load).toHaveBeenCalledTimes(2);
  query.refreshEvery(undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(load).toHaveBeenCalledTimes(2);
  hide();
});
