/** Why nothing is said of any venue: each reason once, with its venues where they differ. */
export function withheldText(silences: readonly { readonly exchange: string; readonly reason: string | null }[]): string {
  const groups = [...Map.groupBy(silences, ({ reason }) => reason ?? "nothing is known of its silences")];
  const [only] = groups;
  if (groups.length === 1 && only !== undefined) return `No venue is judged yet: ${only[0]}.`;
  const sentences = groups.map(([reason, venues]) => `${venues.map(({ exchange }) => exchange).join(", ")}: ${reason}.`);
  return `No venue is judged yet. ${sentences.join(" ")}`;
}
