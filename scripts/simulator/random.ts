/** Seeded random numbers: the same seed and stream name give the same numbers on every machine. */
export interface Random {
  /** In [0, 1). */
  uniform(): number;
  /** Whole, in [0, below). */
  integer(below: number): number;
  /** Waiting time of a Poisson process with this rate. */
  exponential(rate: number): number;
  /** Standard normal. */
  normal(): number;
  chance(probability: number): boolean;
  /** One of the items, each as likely as its weight. */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
  /** An identifier in the shape of a UUID; unique enough for one simulation. */
  identifier(): string;
}

/**
 * @param stream separates independent sequences of one seed (a venue's own noise from the market's), so that
 *   what one part draws never shifts what another one sees
 */
export function createRandom(seed: number, stream: string): Random {
  const next = sfc32(seedWords(`${seed}/${stream}`));
  const uniform = () => next() / 2 ** 32;
  const integer = (below: number) => Math.floor(uniform() * below);
  const hex = (digits: number) => Array.from({ length: digits }, () => integer(16).toString(16)).join("");
  return {
    uniform,
    integer,
    exponential: (rate) => -Math.log(1 - uniform()) / rate,
    // Box and Muller 1958; the second value is thrown away so that a draw always costs two uniforms.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    chance: (probability) => uniform() < probability,
    weighted: (items) => pickWeighted(items, uniform()),
    identifier: () => [8, 4, 4, 4, 12].map(hex).join("-"),
  };
}

function pickWeighted<T>(items: readonly (readonly [item: T, weight: number])[], uniform: number): T {
  const total = items.reduce((sum, [, weight]) => sum + weight, 0);
  let left = uniform * total;
  for (const [item, weight] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  const last = items.findLast(([, weight]) => weight > 0);
  if (last === undefined) throw new RangeError("nothing to pick from: no item has a weight above 0");
  return last[0];
}

type SeedWords = [number, number, number, number];

/** FNV-1a over the text, once per word with its own starting value. */
function seedWords(text: string): SeedWords {
  const word = (start: number) => {
    let hash = start;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    return hash >>> 0;
  };
  return [word(0x811c9dc5), word(0x9e3779b9), word(0x85ebca6b), 1];
}

/** Chris Doty-Humphrey's Small Fast Counter, 32 bits (PractRand); the first draws are thrown away as it asks for. */
function sfc32(seed: SeedWords): () => number {
  let [a, b, c, counter] = seed;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let draw = 0; draw < 12; draw += 1) next();
  return next;
}
