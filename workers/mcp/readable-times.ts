/**
 * Times as a language model can read them: the API's milliseconds since 1970 UTC as ISO 8601. What is a time follows from
 * the names of its fields.
 */

const TIME_NAME = /^(?:time|minute|since|start|end)$|_time$/;

export function isTimeName(name: string): boolean {
  return TIME_NAME.test(name);
}

/** A copy of a response in which every time is an ISO 8601 text in UTC. */
export function withReadableTimes(value: unknown, name = ""): unknown {
  if (typeof value === "number") return isTimeName(name) ? new Date(value).toISOString() : value;
  if (Array.isArray(value)) return value.map((item: unknown) => withReadableTimes(item, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withReadableTimes(child, key)]));
}
