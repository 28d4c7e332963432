import { signal } from "@preact/signals";
import { spanText } from "../parts/format.ts";
import { missed } from "../store/live-store.ts";
import { clockSkew } from "../stream/server-clock.ts";
import { Icon } from "./icon.tsx";

/** Below this a wrong clock changes nothing that anyone reads: ages are counted by the server's. */
const SHOWN_SKEW_MS = 30_000;

interface Notice {
  readonly id: string;
  readonly tone: "info" | "warn";
  readonly text: string;
}

const closed = signal<ReadonlySet<string>>(new Set());
const added = signal<readonly Notice[]>([]);

/** Shows a sentence above the screen until it is closed. */
export function addNotice(text: string, tone: Notice["tone"] = "info"): void {
  added.value = [...added.peek().filter((notice) => notice.text !== text), { id: `${Date.now()} ${text}`, tone, text }].slice(-3);
}

function current(): readonly Notice[] {
  const gap = missed.value;
  const skew = clockSkew.value;
  return [
    ...(gap === null
      ? []
      : [{ id: `missed ${gap.time}`, tone: gap.state === "lost" ? ("warn" as const) : ("info" as const), text: gap.text }]),
    ...(Math.abs(skew) < SHOWN_SKEW_MS ? [] : [{ id: "skew", tone: "warn" as const, text: skewText(skew) }]),
    ...added.value,
  ].filter(({ id }) => !closed.value.has(id));
}

function skewText(skew: number): string {
  return `This device's clock is ${spanText(Math.abs(skew))} ${skew > 0 ? "slow" : "fast"}. Ages and times here are the server's.`;
}

/** What the page has to say about itself: what it missed, a wrong clock. */
export function Notices() {
  return (
    <div class="notices" role="status">
      {current().map(({ id, tone, text }) => (
        <div class={`notice notice-${tone}`} key={id}>
          <span>{text}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Close this notice"
            onClick={() => (closed.value = new Set([...closed.peek(), id]))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
