/**
 * A value as canonical JSON according to RFC 8785: keys in the order of their UTF-16 units, no spaces, numbers as in
 * ECMAScript. Undefined fields are omitted.
 * @param known the texts of objects in it that were written before
 * @throws {RangeError} where a number is not finite
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown, known?: KnownTexts): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`${value} cannot be written as JSON`);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null, known)).join(",")}]`;
  return typeof value === "object" && value !== null ? (known?.get(value) ?? canonicalObject(value, known)) : JSON.stringify(value ?? null);
}

export type KnownTexts = ReadonlyMap<object, string>;

function canonicalObject(value: object, known: KnownTexts | undefined): string {
  const fields = value as Readonly<Record<string, unknown>>;
  let text = "";
  // Without a comparison, names are sorted by their UTF-16 units.
  for (const name of Object.keys(fields).toSorted()) {
    const field = fields[name];
    if (field !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${canonicalJson(field, known)}`;
  }
  return `{${text}}`;
}
