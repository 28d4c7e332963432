import type { StartOptions } from "../../scripts/simulator/start-venues.ts";

interface MadeVenues {
  /** Address of what a test may do to them. */
  readonly control: string;
  /** Worker variables that point at them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Has the global setup start a set of venue servers. */
export async function makeVenues(makerUrl: string, options: StartOptions = {}): Promise<MadeVenues> {
  const response = await fetch(makerUrl, { method: "POST", body: JSON.stringify({ rate: 0, ...options }) });
  return (await response.json()) as MadeVenues;
}
