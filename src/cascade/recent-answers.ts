import type { CrossVenueFields } from "../liquidation.ts";

const GENERATION = 8_192;

/**
 * The last answers by event id, 8,192 to 16,384 of them, about 5 MB: what feeds may offer again after a call that
 * failed. Two generations, of which the older goes at once, since deleting a map's oldest entry one by one is slow.
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
