import type { Memory } from "./beat-memory.ts";

/** The name of all versions but one, so that each finds what the one before it wrote, back to an older one too. */
const KEY = "heard_time";
/** What that one version named it. Nothing writes it any more, so that it is older wherever both are there. */
const OTHER_KEY = "received_time";

/** When the venue was last connected, ms, as the feed last remembered it; null before its first connection. */
export function readLastCoveredTime(memory: Pick<Memory, "read">): number | null {
  const times = [memory.read(KEY), memory.read(OTHER_KEY)].filter((time) => typeof time === "number");
  return times.length === 0 ? null : Math.max(...times);
}

export function writeLastCoveredTime(memory: Pick<Memory, "write">, time: number): void {
  memory.write(KEY, time);
}
