import type { FlowEvent } from "./flow-onset.ts";

/** The most USD in any one second, the time of the event that completed it, and the most in any five. */
export interface PeakUsd {
  readonly peakUsd1s: number;
  readonly peakTime: number;
  readonly peakUsd5s: number;
}

/** Length of the longest stretch that a peak is taken over, ms. */
export const LONGEST_PEAK_MS = 5_000;

/** @param events in order of time */
export function peaksOf(events: readonly FlowEvent[]): PeakUsd {
  const second = peakWithin(events, 1_000);
  return { peakUsd1s: second.usd, peakTime: second.time, peakUsd5s: peakWithin(events, LONGEST_PEAK_MS).usd };
}

export function largerPeaks(a: PeakUsd, b: PeakUsd): PeakUsd {
  const { peakUsd1s, peakTime } = b.peakUsd1s > a.peakUsd1s ? b : a;
  return { peakUsd1s, peakTime, peakUsd5s: Math.max(a.peakUsd5s, b.peakUsd5s) };
}

function peakWithin(events: readonly FlowEvent[], lengthMs: number): { readonly usd: number; readonly time: number } {
  let [first, sum] = [0, 0];
  let peak = { usd: 0, time: events[0]?.time ?? 0 };
  for (const { time, usd } of events) {
    sum += usd;
    for (let head = events[first]; head !== undefined && head.time <= time - lengthMs; head = events[first]) {
      sum -= head.usd;
      first += 1;
    }
    if (sum > peak.usd) peak = { usd: sum, time };
  }
  return peak;
}
