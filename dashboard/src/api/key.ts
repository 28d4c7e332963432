import { computed, signal } from "@preact/signals";
import { keep, readKept } from "../store/kept.ts";

/** The visitor's API key. It stays in this browser and is sent in a header only, never in an address. */
const NAME = "api-key";
const held = signal<string | null>(readKept(NAME));

export const apiKey = computed(() => held.value);

export function setApiKey(key: string | null): void {
  const trimmed = key?.trim() ?? "";
  held.value = trimmed === "" ? null : trimmed;
  keep(NAME, held.value);
}

/** A header's value has only printable ASCII; the browser throws on anything else. */
export function isPossibleKey(text: string): boolean {
  return /^[\x21-\x7e]{8,200}$/.test(text.trim());
}

/** Whether it is a key that the API issued, which has usage and quotas of its own, and not the operator's ADMIN_TOKEN. */
export function isIssuedKey(key: string | null): boolean {
  return key?.startsWith("liq_") === true;
}
