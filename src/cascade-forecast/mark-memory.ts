/** The marks of 640 s, the first of every ten. */
const SLOT_MS = 10_000;
const SLOTS = 64;

export interface PastMark {
  readonly time: number;
  readonly mark: number;
}

/** The recent mark prices of one contract's venue at its liquidations. */
export class MarkMemory {
  readonly #times = new Float64Array(SLOTS).fill(-Infinity);
  readonly #marks = new Float64Array(SLOTS);
  lastTime = -Infinity;

  note(time: number, mark: number): void {
    const slot = slotOf(time);
    if (time > this.lastTime) this.lastTime = time;
    if (Math.floor((this.#times[slot] ?? 0) / SLOT_MS) === Math.floor(time / SLOT_MS)) return;
    this.#times[slot] = time;
    this.#marks[slot] = mark;
  }

  /** The known mark that is closest to `ago` before `time`, not closer to it than half and not further than twice that; ms. */
  near(time: number, ago: number): PastMark | null {
    let [best, distance] = [-1, Infinity];
    for (let back = Math.floor(ago / 2 / SLOT_MS); back * SLOT_MS <= 2 * ago && back < SLOTS; back += 1) {
      const slot = slotOf(time - back * SLOT_MS);
      const age = time - (this.#times[slot] ?? -Infinity);
      if (age < ago / 2 || age > 2 * ago || Math.abs(age - ago) >= distance) continue;
      [best, distance] = [slot, Math.abs(age - ago)];
    }
    return best < 0 ? null : { time: this.#times[best] ?? 0, mark: this.#marks[best] ?? 0 };
  }
}

function slotOf(time: number): number {
  return ((Math.floor(time / SLOT_MS) % SLOTS) + SLOTS) % SLOTS;
}
