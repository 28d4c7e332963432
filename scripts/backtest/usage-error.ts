/** Invalid arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function notAllowed(name: string, value: string, allowed: string): UsageError {
  return new UsageError(`${name} is ${JSON.stringify(value)}; allowed: ${allowed}`);
}

export function oneOf<Name extends string>(option: string, value: string, allowed: readonly Name[]): Name {
  const found = allowed.find((name) => name === value);
  if (found === undefined) throw notAllowed(option, value, allowed.join(", "));
  return found;
}
