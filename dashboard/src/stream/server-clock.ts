import { computed, signal } from "@preact/signals";

/**
 * Ages are counted by the server's clock: a visitor's may be an hour off. The offset is measured from answers (`Date`, whole
 * seconds) and from frames of the stream (milliseconds), which count more.
 */
/** Ms to add to this browser's clock. */
const offset = signal(0);
let isFromStream = false;

/** Differences that a slow network explains are none. */
const MIN_SKEW_MS = 2_000;
const TICK_MS = 1_000;

const browserNow = signal(Date.now());

/** The server's time, in steps of a second: what ages on screen are counted from. */
export const now = computed(() => browserNow.value + offset.value);

/** How far this browser's clock is behind the server's, ms; 0 where a slow network explains it. */
export const clockSkew = computed(() => offset.value);

export function serverNow(): number {
  return Date.now() + offset.peek();
}

/** @param date an answer's `Date` header, if it has one */
export function noteServerTime(date: string | null, sentTime: number, receivedTime: number): void {
  const time = date === null ? Number.NaN : Date.parse(date);
  // The header is cut to a second, so the middle of that second is the best guess.
  if (!isFromStream && Number.isFinite(time)) setOffset(time + 500 - (sentTime + receivedTime) / 2);
}

/** @param time of the server, when it sent the frame */
export function noteFrameTime(time: number): void {
  isFromStream = true;
  setOffset(time - Date.now());
}

function setOffset(measured: number): void {
  const next = Math.abs(measured) < MIN_SKEW_MS ? 0 : measured;
  // Else every beat would change every age on screen by the jitter of the network.
  if (Math.abs(next - offset.peek()) > MIN_SKEW_MS || next === 0) offset.value = next;
}

/** Moves `now` once a second while the page is shown. @returns the way to stop it */
export function startClock(): () => void {
  const tick = () => {
    if (document.visibilityState === "visible") browserNow.value = Date.now();
  };
  const timer = setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
}
