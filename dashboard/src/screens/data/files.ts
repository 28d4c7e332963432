import { type Outcome, api, ask } from "../../api/client.ts";

/** A file of a day. */
export async function fetchDay(date: string, name: string): Promise<Outcome<ArrayBuffer>> {
  return bytesOf(await ask(api.GET("/v1/datasets/{date}/files/{name}", { params: { path: { date, name } }, parseAs: "arrayBuffer" })));
}

/** A file of an export. */
export async function fetchExport(id: string, name: string): Promise<Outcome<ArrayBuffer>> {
  return bytesOf(await ask(api.GET("/v1/exports/{id}/files/{name}", { params: { path: { id, name } }, parseAs: "arrayBuffer" })));
}

/** The client reads bytes here, which the types of the document do not show. */
function bytesOf(outcome: Outcome<unknown>): Outcome<ArrayBuffer> {
  return outcome as Outcome<ArrayBuffer>;
}

/** The SHA-256 of bytes, hexadecimal; null where this page may not compute it, being served without https. */
export async function sha256Of(bytes: ArrayBuffer): Promise<string | null> {
  if (!isSecureContext) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `2.9 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [unit, size] = bytes < 999_500 ? ["kB", bytes / 1e3] : bytes < 999_500_000 ? ["MB", bytes / 1e6] : ["GB", bytes / 1e9];
  return `${size.toFixed(size < 9.95 ? 1 : 0)} ${unit}`;
}
