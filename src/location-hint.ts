/**
 * The location hints of Cloudflare for an object:
 * https://developers.cloudflare.com/durable-objects/reference/data-location/
 */
export const LOCATION_HINTS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"] as const;
export type LocationHint = (typeof LOCATION_HINTS)[number];
