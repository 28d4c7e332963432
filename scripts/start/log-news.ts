type Entry = Readonly<Record<string, unknown>>;

/**
 * What is news to somebody who watches the console and is not in the stream, in a line of the Worker's log.
 * @returns a line to print; null for everything else
 */
export function newsIn(line: string, now: number): string | null {
  const entry = parse(line);
  if (entry === null) return null;
  const text = textOf(entry);
  return text === null ? null : `${new Date(now).toISOString().slice(11, 19)}  ${clean(text)}`;
}

function textOf(entry: Entry): string | null {
  switch (entry["event"]) {
    case "gap_ended":
      return `${String(entry["exchange"])} is connected${duration(entry)}`;
    case "gap_open":
      return `${String(entry["exchange"])} is not connected: ${String(entry["reason"])}`;
    case "socket_ended":
      return `${String(entry["exchange"])} ${String(entry["socket"])}: ${String(entry["message"])}`;
    case "spike_rule":
      return entry["outcome"] === "spike" ? spikeText(entry) : null;
    case "sink_failed":
      return `${String(entry["exchange"])}: the store ${String(entry["sink"])} failed: ${String(entry["error"])}`;
    case "webhook_disabled":
      return `the webhook endpoint ${String(entry["endpoint"])} is disabled: ${String(entry["reason"])}`;
    default:
      return null;
  }
}

function spikeText(entry: Entry): string {
  const numbers = (entry["numbers"] ?? {}) as Readonly<Record<string, { usd?: number | null; change_pct?: number | null } | undefined>>;
  const sides = (entry["sides"] as readonly string[]).map((side) => {
    const { usd, change_pct: change } = numbers[side] ?? {};
    const rise = change === null || change === undefined ? "no comparison" : `${change > 0 ? "+" : ""}${change.toFixed(0)} %`;
    return `${side} ${Math.round(usd ?? 0).toLocaleString("en-US")} USD (${rise})`;
  });
  return `spike of ${String(entry["symbol"])} in ${String(entry["window"])}: ${sides.join(", ")}`;
}

/** How long the gap was that ended; nothing for the time before a first connection. */
function duration({ reason, from_time: from, to_time: to }: Entry): string {
  if (reason === "not_started" || typeof from !== "number" || typeof to !== "number") return "";
  return ` again after ${((to - from) / 1_000).toFixed(1)} s`;
}

function parse(line: string): Entry | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return null;
  }
}

/** Words of venues and receivers can hold anything, control sequences of the terminal too. */
function clean(text: string): string {
  return text.replaceAll(/\p{C}/gu, " ").slice(0, 300);
}
