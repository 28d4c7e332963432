import { createParser } from "eventsource-parser";
import { within } from "../wait.ts";

/** Longest event, in characters: far more than any frame has. */
const MAX_EVENT = 4_000_000;

export interface EventReader {
  /** Longest time without a byte, ms: a server sends a beat every 10 s, and comments in between. */
  readonly silenceMs: number;
  /** Called with the data of the events that one read brought; the next read waits for it. */
  readonly take: (texts: readonly string[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** How a response of server-sent events ended: the server, or a network between, ended it, or it went silent. */
export type Ended = { readonly kind: "ended" } | { readonly kind: "silent"; readonly isBegun: boolean };

/**
 * Reads a response of server-sent events until it ends.
 * @throws where the connection is cut, or an event is longer than any frame
 */
export async function readEvents(response: Response, { silenceMs, take, signal }: EventReader): Promise<Ended> {
  if (response.body === null) return { kind: "ended" };
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let texts: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => texts.push(data), maxBufferSize: MAX_EVENT });
  let isBegun = false;
  try {
    while (!signal.aborted) {
      const read = await within(reader.read(), silenceMs);
      if (read === null) return { kind: "silent", isBegun };
      if (read.done) break;
      isBegun = true;
      parser.feed(decoder.decode(read.value, { stream: true }));
      if (texts.length > 0) await take(texts);
      texts = [];
    }
    return { kind: "ended" };
  } finally {
    // What was lost already cannot be cancelled.
    reader.cancel().catch(() => undefined);
  }
}
