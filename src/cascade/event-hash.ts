/**
 * A 53-bit hash of an event id, so that a million ids fit into memory: FNV-1a (Fowler, Noll & Vo) over two lanes with
 * different offsets and primes. Two ids are only compared within one millisecond of one symbol and side.
 */
export function eventHash(eventId: string): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let index = 0; index < eventId.length; index += 1) {
    const code = eventId.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
    high ^= high >>> 15;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
