const MAX_LENGTH = 64;

/** Whether the value of a ping can go back as it came: a number, or a short text. Anything else may be nested without end. */
export function isEchoable(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value.length <= MAX_LENGTH);
}
