/** @throws {RangeError} naming the option, its value and what is allowed */
export function readNumberOption(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= least && value <= most))
    throw new RangeError(`${name} is ${JSON.stringify(text)}; allowed: a number from ${least} to ${most}`);
  return value;
}
