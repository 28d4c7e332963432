/** @throws {RangeError} naming the option, its value and what is allowed */
export function readNumberOption(name: string, text: string, min: number, max: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= min && value <= max)) throw new RangeError(`${name} is ${JSON.stringify(text)}; allowed: a number from ${min} to ${max}`);
  return value;
}

/** @throws {RangeError} naming the option, its value and what is allowed */
export function readWholeOption(name: string, text: string, min: number, max: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(Number.isInteger(value) && value >= min && value <= max))
    throw new RangeError(`${name} is ${JSON.stringify(text)}; allowed: a whole number from ${min} to ${max}`);
  return value;
}

/** A TCP port; 0 stands for any free one. */
export function readPortOption(text: string): number {
  return readWholeOption("--port", text, 0, 65_535);
}
