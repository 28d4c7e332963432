import type { CrossVenueFields } from "../liquidation.ts";

const GENERATION = 8_192;

/**
 * The last answers by event id, 8,192 to 16,384 of them, about 5 MB: events that feeds may send again after a failed
 * call. Two generations, of which the older is dropped as a whole, because deleting the oldest entries of a map one by
 * one is slow.
 */
export class RecentAnswers {
  #newer = new Map<string, CrossVenueFields>();
  #older = new Map<string, CrossVenueFields>();

  get(eventId: string): CrossVenueFields | undefined {
    return this.#newer.get(eventId) ?? this.#older.get(eventId);
  }

  set(eventId: string, answer: CrossVenueFields): void {
    if (this.#newer.size >= GENERATION) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(eventId, answer);
  }
}
