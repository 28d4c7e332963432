/**
 * What this browser keeps between visits. Local storage may be off, full or forbidden; then a value lives as long as the
 * page, and the settings say so.
 */
const PREFIX = "liquidations.";
const inMemory = new Map<string, string>();

/** False once the browser refused to keep a value. */
let keeps = true;

export function isKept(): boolean {
  return keeps;
}

export function readKept(name: string): string | null {
  const held = inMemory.get(name);
  if (held !== undefined) return held;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    keeps = false;
    return null;
  }
}

/** @param value null removes it */
export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
    inMemory.delete(name);
  } catch {
    keeps = false;
    if (value === null) inMemory.delete(name);
    else inMemory.set(name, value);
  }
}
