const MAX_CHARACTERS = 200;
/** More than is shown, so that a secret near the end of what is shown is there as a whole and is found. */
const BYTES_READ = 2_048;

/** Texts that look like a credential, ours or another's. */
const CREDENTIALS = /\b(?:whsec|liq|sk|sb_secret|xox[a-z])[_-][\w+/=-]{6,}|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** An answer's first bytes as text; reading stops there, however long the body is. */
export async function readBeginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    while (bytes < BYTES_READ) {
      const part = await reader.read();
      if (part.done) break;
      bytes += part.value.byteLength;
      text += decoder.decode(part.value, { stream: true });
    }
  } catch {
    // The body broke off or took too long: the status has said what matters.
  }
  await reader.cancel().catch(() => null);
  return text;
}

/**
 * An answer's text as the delivery log keeps it: at most 200 characters, on one line, without secrets.
 * @param secrets texts that must not show
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
