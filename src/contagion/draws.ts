/** Seeded whole numbers under 2^32: xorshift (Marsaglia 2003, J. Stat. Soft. 8(14)), for millions of draws. */
export function seededDraws(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let index = 0; index < seed.length; index += 1) state = Math.imul(state ^ seed.charCodeAt(index), 0x01000193);
  // 0 would stay 0.
  state = state === 0 ? 1 : state;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let warm = 0; warm < 16; warm += 1) next();
  return next;
}
