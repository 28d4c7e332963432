import { openDialog } from "./dialogs.ts";

/** A key of the page. A screen adds its own while it is shown. */
export interface Key {
  readonly key: string;
  readonly what: string;
  readonly run: () => void;
}

const keys = new Set<Key>();

/** Adds a key. @returns the way to remove it, for an effect */
export function addKey(key: Key): () => void {
  keys.add(key);
  return () => void keys.delete(key);
}

export function allKeys(): readonly Key[] {
  return [...keys];
}

/** Follows the keyboard, beside what a visitor types into a field. */
export function startKeys(): void {
  addKey({ key: "?", what: "Show these keys", run: () => (openDialog.value = "keys") });
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || openDialog.peek() !== null) return;
    if (isTyping(event.target)) return;
    // A focused button is pressed by the space bar, and a link is not.
    if (event.key === " " && event.target instanceof Element && event.target.closest("button, summary, [role=tab]") !== null) return;
    const found = allKeys().findLast(({ key }) => key === event.key);
    if (found === undefined) return;
    event.preventDefault();
    found.run();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select") !== null);
}
