import { QuantileSketch } from "../../src/quantiles/quantile-sketch.ts";
import type { RelayMinute } from "../../src/stream/relay-protocol.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";

const MINUTES_KEPT = 15;

interface Minute {
  readonly time: number;
  readonly latency: QuantileSketch;
  frames: number;
  skipped: number;
}

/** What a relay sent, by minute, since its object started. */
export class RelayCounts {
  readonly since: number;
  readonly #closes = new Map<number, number>();
  #minutes: Minute[] = [];
  #skipped = 0;

  constructor(now: number) {
    this.since = now;
  }

  get skipped(): number {
    return this.#skipped;
  }

  get closes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#closes);
  }

  /** A liquidation was sent live this long after its receipt, ms. */
  noteLatency(latencyMs: number, now: number): void {
    this.#minute(now).latency.add(Math.max(0, latencyMs));
  }

  noteFrames(frames: number, now: number): void {
    this.#minute(now).frames += frames;
  }

  noteSkipped(frames: number, now: number): void {
    this.#minute(now).skipped += frames;
    this.#skipped += frames;
  }

  noteClose(code: number): void {
    this.#closes.set(code, (this.#closes.get(code) ?? 0) + 1);
  }

  minutes(): readonly RelayMinute[] {
    return this.#minutes.map(({ time, latency, frames, skipped }) => ({
      time,
      events: latency.count,
      frames,
      latency_ms_p50: latency.quantile(0.5),
      latency_ms_p99: latency.quantile(0.99),
      skipped,
    }));
  }

  #minute(now: number): Minute {
    const time = floorTo(now, MINUTE_MS);
    const last = this.#minutes.at(-1);
    if (last?.time === time) return last;
    const minute = { time, latency: new QuantileSketch(), frames: 0, skipped: 0 };
    this.#minutes = [...this.#minutes.slice(1 - MINUTES_KEPT), minute];
    return minute;
  }
}
