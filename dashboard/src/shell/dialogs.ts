import { signal } from "@preact/signals";

/** Which dialog of the shell is open. */
export const openDialog = signal<"key" | "keys" | null>(null);

export function openKeyDialog(): void {
  openDialog.value = "key";
}
