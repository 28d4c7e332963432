import type { LocationHint } from "../../src/location-hint.ts";

/** Where D1 databases and R2 buckets can be placed, which is fewer places than objects have. */
export const STORE_LOCATIONS = ["weur", "eeur", "apac", "oc", "wnam", "enam"] as const;
export type StoreLocation = (typeof STORE_LOCATIONS)[number];

/** For the hints of objects that stores do not know, the store's place that is nearest to most of the region. */
const NEAREST: Readonly<Record<Exclude<LocationHint, StoreLocation>, StoreLocation>> = {
  "apac-ne": "apac",
  "apac-se": "apac",
  sam: "enam",
  afr: "weur",
  me: "eeur",
};

function isStoreLocation(hint: LocationHint): hint is StoreLocation {
  return STORE_LOCATIONS.some((location) => location === hint);
}

/** The place of a database or bucket near objects with a hint. */
export function storeLocation(hint: LocationHint): StoreLocation {
  return isStoreLocation(hint) ? hint : NEAREST[hint];
}
