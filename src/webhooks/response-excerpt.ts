const MAX_CHARACTERS = 200;
/** More than is shown, so that a secret at the end of the excerpt is read in full and recognized. */
export const EXCERPT_BYTES = 2_048;

/** Texts that look like a credential of any system. */
const CREDENTIALS = /\b(?:whsec|liq|sk|sb_secret|xox[a-z])[_-][\w+/=-]{6,}|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/**
 * The first bytes of a response as text; the rest of the body is not read.
 * @param maxBytes number of bytes after which no more is read
 */
export async function readBeginning(response: Response, maxBytes: number = EXCERPT_BYTES): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    while (bytes < maxBytes) {
      const part = await reader.read();
      if (part.done) break;
      bytes += part.value.byteLength;
      text += decoder.decode(part.value, { stream: true });
    }
  } catch {
    // The body broke off or took too long; the status is enough.
  }
  await reader.cancel().catch(() => null);
  return text;
}

/**
 * The excerpt of a response for the delivery log: at most 200 characters, on one line, without secrets.
 * @param secrets texts to remove
 */
export function responseExcerpt(text: string, secrets: readonly string[]): string {
  const hidden = secrets
    .filter((secret) => secret !== "")
    .reduce((kept, secret) => kept.replaceAll(secret, "…"), text)
    .replace(CREDENTIALS, "…");
  return hidden
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_CHARACTERS);
}
