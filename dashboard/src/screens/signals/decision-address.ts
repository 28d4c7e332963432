/** The address of a decision. */
export function addressOf(signalId: string): string {
  return `/signals/${encodeURIComponent(signalId)}`;
}
