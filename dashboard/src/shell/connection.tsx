import type { Connection as ConnectionState } from "../stream/stream-client.ts";
import { now } from "../stream/server-clock.ts";
import { connection, notices, openGaps, reconnect, through } from "../store/live-store.ts";
import { ageText, spanText } from "../parts/format.ts";
import { gapText } from "../parts/gap-text.ts";
import { Hint } from "../parts/hint.tsx";
import { openKeyDialog } from "./dialogs.ts";

interface Shown {
  readonly state: "good" | "busy" | "bad";
  readonly text: string;
  readonly detail: string;
}

/** Where the live stream stands: always in view, by shape and word, not by colour alone. */
export function Connection() {
  const current = connection.value;
  // The wait counts down; everything else stays until the connection changes.
  if (current.kind === "waiting") void now.value;
  const { state, text, detail } = shownOf(current);
  const gaps = openGaps.value;
  const isPartial = state === "good" && gaps.length > 0;
  const hint = (
    <>
      <div>{detail}</div>
      {state === "good" ? <Through /> : null}
      {gaps.map((gap) => (
        <div key={gap.exchange}>{gapText(gap)}</div>
      ))}
      {state === "good" ? notices.value.map((notice) => <div key={notice}>{notice}</div>) : null}
    </>
  );
  return (
    <div class={`connection connection-${isPartial ? "partial" : state}`} role="status">
      <Hint hint={hint}>
        <span class="connection-mark" aria-hidden="true" />
        <span class="connection-text">{isPartial ? `${text}, ${gaps.length} not covered` : text}</span>
      </Hint>
      {connection.value.kind === "refused" && connection.value.needsKey ? (
        <button type="button" class="link" onClick={openKeyDialog}>
          Enter a key
        </button>
      ) : null}
      {connection.value.kind === "waiting" ? (
        <button type="button" class="link" onClick={reconnect}>
          Now
        </button>
      ) : null}
    </div>
  );
}

function Through() {
  const time = through.value;
  if (time === null) return <div>No venue is connected, or this page still gets what it missed: nobody can say what is missing.</div>;
  return <div>Everything that the connected venues reported is here, up to {ageText(Math.max(0, now.value - time))}.</div>;
}

function shownOf(state: ConnectionState): Shown {
  switch (state.kind) {
    case "live":
      return { state: "good", text: "Live", detail: "The stream is connected." };
    case "replaying":
      return { state: "busy", text: "Replay", detail: "Stored events are replayed until they reach the present." };
    case "connecting":
      return { state: "busy", text: "Connecting", detail: "The stream is being opened." };
    case "waiting": {
      const wait = Math.max(0, state.attemptTime - Date.now());
      return { state: "bad", text: `Cut, next try in ${spanText(Math.ceil(wait / 1_000) * 1_000)}`, detail: state.reason };
    }
    case "refused":
      return { state: "bad", text: "Not allowed", detail: state.reason };
    case "offline":
      return { state: "bad", text: "Offline", detail: "This device has no network. What you see is the past." };
  }
}
