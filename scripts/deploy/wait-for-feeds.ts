import * as z from "zod";
import { messageOf } from "../../src/message-of.ts";
import { table } from "../table.ts";

const status = z.object({
  data: z.object({
    versions: z.object({ worker: z.string().nullable() }),
    exchanges: z.array(
      z.object({
        exchange: z.string(),
        state: z.string().nullable(),
        error: z.string().nullable().default(null),
        events_today: z.number().optional(),
        warnings: z.array(z.string()).default([]),
        sockets: z.array(z.object({ last_error: z.string().nullable() })).default([]),
      }),
    ),
  }),
});
type Status = z.output<typeof status>["data"];
type Venue = Status["exchanges"][number];

const problem = z.object({ detail: z.string() });

export interface WaitOptions {
  /** The Worker's address, without a trailing slash. */
  readonly url: string;
  /** Null where none is known: then only a Worker with public reading shows its status. */
  readonly adminToken: string | null;
  /** The version that was deployed; the one before may answer for some seconds. Null where wrangler did not say. */
  readonly versionId: string | null;
  readonly seconds: number;
  readonly print: (line: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

const INTERVAL_SECONDS = 5;
const REQUEST_MS = 20_000;

/**
 * Asks the Worker for its status, which also starts the feeds, and prints what it says whenever that changes.
 * @returns whether every configured venue was live in time
 */
export async function waitForFeeds(options: WaitOptions): Promise<boolean> {
  const { seconds, print, sleep } = options;
  let shown = "";
  let seen: Status | null = null;
  for (let waited = 0; ; waited += INTERVAL_SECONDS) {
    const answer = await readStatus(options);
    if (typeof answer !== "string") seen = answer;
    const line = typeof answer === "string" ? answer : summary(answer);
    if (line !== shown) print(`  ${String(waited).padStart(3)} s  ${line}`);
    shown = line;
    if (typeof answer !== "string" && notLive(answer).length === 0) break;
    if (waited + INTERVAL_SECONDS > seconds) break;
    await sleep(INTERVAL_SECONDS * 1_000);
  }
  if (seen === null) return false;
  print(statusTable(seen));
  return notLive(seen).length === 0;
}

/** The status, or one clause that says why there is none yet. */
async function readStatus({ url, adminToken, versionId }: WaitOptions): Promise<Status | string> {
  try {
    const response = await fetch(`${url}/v1/status`, {
      headers: adminToken === null ? {} : { Authorization: `Bearer ${adminToken}` },
      // Past any cache between here and there.
      cache: "no-store",
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) return `the Worker answers ${response.status}${detailOf(body)}`;
    const { data } = status.safeParse(body);
    if (data === undefined) return "what answers there is not this Worker yet";
    const { worker } = data.data.versions;
    if (versionId !== null && worker !== null && worker !== versionId) return "the version before still answers";
    return data.data;
  } catch (error) {
    return `the Worker does not respond yet (${error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)})`;
  }
}

function detailOf(body: unknown): string {
  const { data } = problem.safeParse(body);
  return data === undefined ? "" : `: ${data.detail}`;
}

function configured({ exchanges }: Status): readonly Venue[] {
  return exchanges.filter(({ state }) => state !== "off");
}

function notLive(seen: Status): readonly Venue[] {
  return configured(seen).filter(({ state }) => state !== "live");
}

function summary(seen: Status): string {
  return configured(seen)
    .map(({ exchange, state }) => `${exchange} ${state ?? "silent"}`)
    .join(", ");
}

function statusTable(seen: Status): string {
  const rows = configured(seen).map((venue) => [
    venue.exchange,
    venue.state ?? "silent",
    venue.events_today === undefined ? "" : String(venue.events_today),
    noteOf(venue),
  ]);
  return table(["venue", "state", "liquidations today", "note"], rows);
}

function noteOf({ state, error, sockets, warnings }: Venue): string {
  const lastError = state === "live" ? null : sockets.find(({ last_error: text }) => text !== null)?.last_error;
  return error ?? lastError ?? warnings[0] ?? "";
}
