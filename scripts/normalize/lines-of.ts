/**
 * Splits at LF or CRLF. `readline` would also split at U+2028 and lone CRs, which may occur inside a frame. The decoder
 * removes a byte order mark.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of input) {
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    rest += first;
    for (const line of others) {
      yield rest;
      rest = line;
    }
  }
  yield rest + decoder.decode();
}
