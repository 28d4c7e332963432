/** The smallest table. A power of two, so that a place is found by masking. */
const MIN_SLOTS = 1_024;
/** The table grows beyond this share, so that a search passes few entries. */
const MAX_FILLED = 0.7;

/**
 * Which row of the journal may have an `event_id`: a table of hashes in memory, since an index in the storage would cost
 * a row written for each liquidation and another one when it is deleted. It takes 8 bytes a slot, at most 23 bytes a row.
 * Two ids may have the same hash, so the caller compares the id of each row that is named.
 */
export class IdIndex {
  #hashes = new Uint32Array(MIN_SLOTS);
  /** The row's number less `#base`; 0 in an empty slot. */
  #offsets = new Uint32Array(MIN_SLOTS);
  /** Rows are numbered without end, and offsets fit 32 bits. */
  #base = 0;
  #filled = 0;

  /**
   * Notes the row of an id.
   * @param first the oldest existing row: older ones are left out when the table is built again
   */
  add(hash: number, sequence: number, first: number): void {
    if (this.#filled + 1 > this.#hashes.length * MAX_FILLED || sequence - this.#base > 0xffffffff) this.#rebuild(first);
    this.#insert(hash, sequence - this.#base);
  }

  /** The rows whose id may have this hash, among those from `first` on. */
  *rowsOf(hash: number, first: number): Generator<number> {
    const mask = this.#hashes.length - 1;
    for (let slot = hash & mask; this.#offsets[slot] !== 0; slot = (slot + 1) & mask) {
      const sequence = this.#base + (this.#offsets[slot] ?? 0);
      if (this.#hashes[slot] === hash && sequence >= first) yield sequence;
    }
  }

  #insert(hash: number, offset: number): void {
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    while (this.#offsets[slot] !== 0) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#offsets[slot] = offset;
    this.#filled += 1;
  }

  /** Leaves out deleted rows, and makes room for as many rows as there are. */
  #rebuild(first: number): void {
    const [hashes, offsets, before] = [this.#hashes, this.#offsets, this.#base];
    const kept = offsets.reduce((count, offset) => count + (offset !== 0 && before + offset >= first ? 1 : 0), 0);
    const slots = Math.max(MIN_SLOTS, 2 ** Math.ceil(Math.log2((kept + 1) / (MAX_FILLED * 0.75))));
    this.#hashes = new Uint32Array(slots);
    this.#offsets = new Uint32Array(slots);
    this.#base = Math.max(before, first - 1);
    this.#filled = 0;
    for (const [slot, offset] of offsets.entries()) {
      const sequence = before + offset;
      if (offset !== 0 && sequence >= first) this.#insert(hashes[slot] ?? 0, sequence - this.#base);
    }
  }
}

/** FNV-1a over the characters, mixed so that the lowest bits depend on all of them: 32 bits without a sign. */
export function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
