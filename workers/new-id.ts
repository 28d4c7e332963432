/** A new id that says what it is of: `exp_51d2c7a0…`. */
export function newId(prefix: "exp" | "key" | "rul" | "whe"): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;
}
