export type JsonObject = { readonly [name: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The parsed text, or undefined where it is not JSON: JSON itself has no undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A field of a frame as text, whatever it holds: `String` throws on an object with its own `toString`. */
export function shown(value: unknown): string {
  return typeof value === "string" ? value : String(JSON.stringify(value));
}
