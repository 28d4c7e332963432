import { cursorText, type StreamCursor } from "../../src/stream/cursor.ts";
import { fillRequest } from "../../src/stream/fill-request.ts";
import type { StreamGap } from "../../src/stream/frames.ts";
import { helloFrame, snapshotFrame } from "../../src/stream/hello-frame.ts";
import type { ClientRequest, StreamPicture } from "../../src/stream/relay-protocol.ts";
import type { Resumption } from "../../src/stream/resume.ts";
import { CLOSE_BYTES, SLOW_BYTES, SLOW_MS, type Unread } from "../../src/stream/slow-client.ts";
import type { RelayClient } from "./relay-client.ts";
import { type RelaySender, selectFor } from "./relay-sender.ts";
import type { TailFrame } from "./relay-tail.ts";

const DRAIN_POLL_MS = 50;

export interface FrameRange {
  readonly after: number;
  readonly to: number;
  readonly frames: readonly TailFrame[];
}

/** What the opening of a stream needs of its relay. */
export interface OpeningDependencies {
  readonly sender: RelaySender;
  readonly now: () => number;
  /** Where the relay is. */
  readonly place: () => StreamCursor;
  /** The frames after a sequence: those in memory, else those of the log. */
  readonly read: (after: number) => Promise<FrameRange>;
  /** The earliest time of a frame after this sequence, ms; null where it is not known. */
  readonly timeAfter: (sequence: number) => Promise<number | null>;
  readonly isOpen: (client: RelayClient) => boolean;
}

interface Opening {
  readonly client: RelayClient;
  readonly request: ClientRequest;
  readonly cursor: StreamCursor | null;
  readonly resumption: Resumption;
  readonly picture: StreamPicture;
}

/** Greets a client and sends it what it missed. Afterwards it gets frames as they come. */
export async function openStream(deps: OpeningDependencies, { client, request, cursor, resumption, picture }: Opening): Promise<void> {
  const { sender, now, place } = deps;
  const { epoch, sequence } = place();
  const { resumed } = resumption;
  // The picture may be a second old: who begins now begins where the relay is.
  client.delivered = resumed === "none" ? sequence : resumption.after;
  if (!request.quiet) {
    const { filter } = request;
    sender.say(
      client,
      helloFrame(picture, { filter, resumed, replay: false, id: cursorText({ epoch, sequence: client.delivered }), time: now() }),
    );
    sender.say(client, snapshotFrame(picture, filter));
  }
  if (cursor !== null && (resumed === "partial" || resumed === "expired")) {
    const from = resumed === "partial" ? await deps.timeAfter(cursor.sequence) : null;
    sayGap(deps, client, from, picture.oldest_time ?? now());
  }
  await catchUp(deps, client, epoch);
}

/** Says that frames between these times, ms, are not in the log. */
export function sayGap(
  { sender, place }: Pick<OpeningDependencies, "sender" | "place">,
  client: RelayClient,
  from_time: number | null,
  to_time: number,
): void {
  const id = cursorText({ epoch: place().epoch, sequence: client.delivered });
  const gap: StreamGap = { type: "gap", id, from_time, to_time, request: fillRequest(client.filters, from_time, to_time) };
  sender.say(client, gap);
}

/**
 * Sends a client what follows what it has, as fast as it reads, until it is live.
 * @param begun the epoch of the log that `delivered` is of
 */
export async function catchUp(deps: OpeningDependencies, client: RelayClient, begun: string): Promise<void> {
  const { sender, now, place, read, isOpen } = deps;
  let known = begun;
  while (isOpen(client)) {
    const { epoch, sequence } = place();
    if (epoch !== known) {
      // The log was lost while the client read: it gets everything that the new one has.
      known = epoch;
      client.delivered = 0;
      sayGap(deps, client, null, now());
    }
    if (client.delivered >= sequence) {
      client.isLive = true;
      client.save(epoch);
      return;
    }
    const { after, to, frames } = await read(client.delivered);
    if (!isOpen(client)) return;
    if (place().epoch !== epoch) continue;
    if (after > client.delivered) {
      // The log was cut while the client read.
      client.delivered = after;
      sayGap(deps, client, null, frames[0]?.time ?? now());
    }
    sender.deliver(client, epoch, selectFor(client, frames), to);
    if (!isOpen(client)) return;
    if (client.reading.skipped !== null || !(await drained(deps, client))) {
      sender.closeSlow(client, epoch, "what it missed was not read within 30 s: acknowledge beats, and continue from the last frame");
      return;
    }
  }
}

/** Waits until the client has read most of what it was sent. @returns false where it did not within 30 s */
async function drained({ now, isOpen }: OpeningDependencies, client: RelayClient): Promise<boolean> {
  const deadline = now() + SLOW_MS;
  while (isOpen(client) && hasMuchToRead(client.unread)) {
    if (now() > deadline) return false;
    await scheduler.wait(DRAIN_POLL_MS);
  }
  return true;
}

function hasMuchToRead({ bytes, isMeasured }: Unread): boolean {
  return bytes > (isMeasured ? SLOW_BYTES : CLOSE_BYTES) / 2;
}
