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

/**
 * A field of a frame as text, whatever it holds: `String` throws on an object with its own `toString`, and
 * `JSON.stringify` on values nested more deeply than the stack, which `JSON.parse` reads.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return String(JSON.stringify(value));
  } catch {
    return "a value that is nested too deeply";
  }
}
