import { QUARTER_HOUR_MS, type QuarterHour } from "../windows/quarter-hour.ts";

/** The quarter-hours of one base asset, contiguous, oldest first. */
export class QuarterHourSeries {
  readonly #all: QuarterHour[] = [];

  /** Sets one of the quarter-hours, or the next one. */
  set(quarterHour: QuarterHour): void {
    this.#all[this.#indexOf(quarterHour.start)] = quarterHour;
  }

  setUptime(start: number, uptime: number): void {
    const known = this.#all[this.#indexOf(start)];
    if (known !== undefined && known.uptime !== uptime) this.set({ ...known, uptime });
  }

  /** Those from a time on that begin with the first liquidation after it. */
  since(from: number): readonly QuarterHour[] {
    let index = Math.max(0, this.#indexOf(from));
    while (index < this.#all.length && !hasUsd(this.#all[index])) index += 1;
    return this.#all.slice(index);
  }

  forget(before: number): void {
    this.#all.splice(0, Math.max(0, this.#indexOf(before)));
  }

  #indexOf(start: number): number {
    return Math.ceil((start - (this.#all[0]?.start ?? start)) / QUARTER_HOUR_MS);
  }
}

function hasUsd(quarterHour: QuarterHour | undefined): boolean {
  return quarterHour !== undefined && (quarterHour.long > 0 || quarterHour.short > 0);
}
