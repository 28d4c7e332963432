import { LOCATION_HINTS, type LocationHint } from "../location-hint.ts";

const MAX_RELAYS = 100;

export const RELAYS_ALLOWED = `location:count pairs with 1 to ${MAX_RELAYS} relays in all, such as any:1 or apac:2,weur:2; locations are any, ${LOCATION_HINTS.join(", ")}`;

/** The names of the relays, `<location>-<number>`, group by group; null where a group cannot be read. */
export function relayNames(groups: readonly string[]): readonly (readonly string[])[] | null {
  const named = groups.map((group) => {
    const [, location, count] = /^([a-z-]+):([1-9]\d{0,2})$/.exec(group) ?? [];
    const isKnown = location === "any" || LOCATION_HINTS.some((hint) => hint === location);
    return isKnown ? Array.from({ length: Number(count) }, (_, index) => `${location}-${index}`) : [];
  });
  const all = named.flat();
  const isSound = named.every(({ length }) => length > 0) && all.length <= MAX_RELAYS && new Set(all).size === all.length;
  return isSound ? named : null;
}

/** Where a relay is to be created; undefined where that does not matter. */
export function hintOfRelay(name: string): LocationHint | undefined {
  const location = name.slice(0, name.lastIndexOf("-"));
  return LOCATION_HINTS.find((hint) => hint === location);
}

/** About the middle of each location: degrees north, degrees east. */
const PLACES: Readonly<Record<LocationHint, readonly [number, number]>> = {
  wnam: [38, -120],
  enam: [40, -78],
  sam: [-20, -55],
  weur: [50, 4],
  eeur: [50, 22],
  apac: [20, 115],
  "apac-ne": [36, 135],
  "apac-se": [2, 105],
  oc: [-32, 148],
  afr: [-20, 25],
  me: [25, 50],
};

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * The relays in the order in which a client tries them: those of the nearest group first, and in each group from the one
 * that its name hashes to.
 */
export function relaysFor(groups: readonly string[], place: Place | null, hash: number): readonly string[] {
  const named = relayNames(groups) ?? [];
  const sorted = place === null ? named : named.toSorted((a, b) => distance(a, place) - distance(b, place));
  return sorted.flatMap((names) => {
    const first = hash % names.length;
    return [...names.slice(first), ...names.slice(0, first)];
  });
}

/** In radians; the farthest possible for a group without a location. */
function distance([name = ""]: readonly string[], { latitude, longitude }: Place): number {
  const hint = hintOfRelay(name);
  if (hint === undefined) return Math.PI;
  const [north, east] = PLACES[hint];
  const [a, b, d] = [latitude, north, longitude - east].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  return Math.acos(Math.max(-1, Math.min(1, Math.sin(a) * Math.sin(b) + Math.cos(a) * Math.cos(b) * Math.cos(d))));
}
