const encoder = new TextEncoder();

/** Bytes in lower-case hexadecimal. */
export function hex(bytes: ArrayBuffer | Uint8Array): string {
  return [...(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of the UTF-8 bytes of a text. */
export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

/** SHA-256 of the UTF-8 bytes of a text, in lower-case hexadecimal. */
export async function sha256Hex(text: string): Promise<string> {
  return hex(await sha256(text));
}
