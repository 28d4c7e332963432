/**
 * JSON with everything that JSON texts may hold and parsed values cannot: numbers of any size and spelling, the same
 * key twice, and text that is not JSON at all.
 */
export type Tree = Raw | List | Entries;

/** A text that is written unchanged: a number, a string with its quotes, or anything else. */
export interface Raw {
  readonly kind: "raw";
  readonly text: string;
}

export interface List {
  readonly kind: "list";
  readonly items: Tree[];
}

/** An object as its entries, so that a key may come twice. */
export interface Entries {
  readonly kind: "entries";
  readonly entries: [key: string, value: Tree][];
}

export function raw(text: string): Raw {
  return { kind: "raw", text };
}

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: "list", items: value.map(treeOf) };
  if (typeof value !== "object" || value === null) return raw(JSON.stringify(value));
  return { kind: "entries", entries: Object.entries(value).map(([key, field]) => [key, treeOf(field)]) };
}

export function textOf(tree: Tree): string {
  switch (tree.kind) {
    case "raw":
      return tree.text;
    case "list":
      return `[${tree.items.map(textOf).join(",")}]`;
    case "entries":
      return `{${tree.entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(",")}}`;
  }
}

/** A place of a tree: its value can be read, replaced and removed. */
export interface Place {
  readonly value: Tree;
  replace(value: Tree): void;
  remove(): void;
}

/** Every place below the root, from the outside in. */
export function placesOf(root: Tree): readonly Place[] {
  const places: Place[] = [];
  collect(root, places);
  return places;
}

function collect(tree: Tree, places: Place[]): void {
  if (tree.kind === "list") {
    const { items } = tree;
    for (const value of items) {
      const at = () => items.indexOf(value);
      places.push({ value, replace: (next) => void items.splice(at(), 1, next), remove: () => void items.splice(at(), 1) });
      collect(value, places);
    }
  }
  if (tree.kind !== "entries") return;
  const { entries } = tree;
  for (const entry of entries) {
    const [, value] = entry;
    places.push({ value, replace: (next) => void (entry[1] = next), remove: () => void entries.splice(entries.indexOf(entry), 1) });
    collect(value, places);
  }
}
