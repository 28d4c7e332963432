import { expect, test } from "vitest";
import {
  CLOSE_BYTES,
  NOTHING_SENT,
  SLOW_BYTES,
  acknowledged,
  held,
  isSlow,
  sent,
  sentBeat,
  skip,
  tooSlow,
  unreadOf,
} from "../../../src/stream/slow-client.ts";

const KB = 1_024;
const NOW = 1_000_000;

/** A client that acknowledged its first beat and was then sent so many bytes, and a second beat. */
const reading = (bytes: number) => sentBeat(sent(acknowledged(sentBeat(NOTHING_SENT, 0, NOW), 1) ?? NOTHING_SENT, bytes), 0, NOW);

test("acknowledgements tell what is not read; without any, all that was sent counts, up to 1 MB", () => {
  expect(unreadOf(reading(300 * KB), null)).toEqual({ bytes: 300 * KB, isMeasured: true });
  expect(isSlow(unreadOf(reading(300 * KB), null))).toBe(true);
  const silent = sent(NOTHING_SENT, 300 * KB);
  expect(isSlow(unreadOf(silent, null))).toBe(false);
  expect(isSlow(unreadOf(sent(silent, CLOSE_BYTES), null))).toBe(true);
});

test("where the runtime says what it holds, that counts, and the acknowledgements of a client that gives them as well", () => {
  const silent = sent(NOTHING_SENT, 9 * CLOSE_BYTES);
  expect(unreadOf(silent, 0)).toEqual({ bytes: 0, isMeasured: true });
  expect(isSlow(unreadOf(silent, SLOW_BYTES + 1))).toBe(true);
  expect(isSlow(unreadOf(reading(300 * KB), 0))).toBe(true);
  expect(isSlow(unreadOf(reading(10 * KB), 300 * KB))).toBe(true);
});

test("an acknowledged beat takes what was sent up to it, and one that was never sent is refused", () => {
  const later = sentBeat(sent(reading(300 * KB), 20 * KB), 0, NOW);
  expect(acknowledged(later, 2)?.unread).toBe(20 * KB);
  expect(acknowledged(later, 3)?.unread).toBe(0);
  expect(acknowledged(later, 4)).toBe(null);
  expect(acknowledged(later, 0)).toBe(null);
});

test("a client holds nothing while what it was sent may be in transit, and all of it once its acknowledgement is late", () => {
  const one = reading(200 * KB);
  expect(held(one, unreadOf(one, null), NOW + 4_000)).toBe(0);
  expect(held(one, unreadOf(one, null), NOW + 5_000)).toBe(200 * KB);
  const silent = sent(NOTHING_SENT, SLOW_BYTES);
  expect(held(silent, unreadOf(silent, null), NOW + 60_000)).toBe(0);
  expect(held(sent(silent, 1), unreadOf(sent(silent, 1), null), NOW)).toBe(SLOW_BYTES + 1);
});

test("a client is closed over 1 MB, or 30 s after its first skipped frame", () => {
  const over = reading(CLOSE_BYTES + 1);
  expect(tooSlow(over, unreadOf(over, null), NOW)).toBe("more than 1 MB was not read");
  const skipping = skip(reading(300 * KB), { sequence: 5, event_time: NOW }, NOW);
  expect(tooSlow(skipping, unreadOf(skipping, null), NOW + 29_999)).toBe(null);
  expect(tooSlow(skipping, unreadOf(skipping, null), NOW + 30_000)).toBe("more than 256 kB was not read for 30 s");
});
