import { now } from "../stream/server-clock.ts";
import { ageText, clockText, momentText } from "./format.ts";
import { Unknown } from "./unknown.tsx";

/** A time of day, UTC; the whole moment on hover. */
export function Clock({ time }: { readonly time: number }) {
  return (
    <time class="num" dateTime={new Date(time).toISOString()} title={momentText(time)}>
      {clockText(time)}
    </time>
  );
}

interface AgeProps {
  /** Null where there is none yet. */
  readonly time: number | null;
  /** From this age on, ms, the number greys out; absent: never. */
  readonly staleMs?: number;
  readonly reason?: string;
}

/** Whether a number of this time is too old to be read as the present. In a component it follows the clock. */
export function isStale(time: number, staleMs: number): boolean {
  return now.value - time >= staleMs;
}

/** How old something is by the server's clock. It greys out when it is stale. */
export function Age({ time, staleMs, reason = "There is none yet." }: AgeProps) {
  if (time === null) return <Unknown reason={reason} />;
  const isOld = staleMs !== undefined && isStale(time, staleMs);
  return (
    <time class={isOld ? "num stale" : "num"} dateTime={new Date(time).toISOString()} title={momentText(time)}>
      {ageText(Math.max(0, now.value - time))}
    </time>
  );
}
