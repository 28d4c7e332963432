/** What is thrown, in words: an error's message, or the text of whatever else it is. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
