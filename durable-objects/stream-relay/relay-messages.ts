import { filterOf, readMessage, type ClientMessage } from "../../src/stream/client-message.ts";
import type { OpAnswer, OpError } from "../../src/stream/frames.ts";
import { filterNotices, unlistedSymbols } from "../../src/stream/hello-frame.ts";
import { MAX_MESSAGE_BYTES, MAX_SUBSCRIPTIONS } from "../../src/stream/limits.ts";
import { TOO_MANY_MESSAGES } from "../../src/stream/message-allowance.ts";
import type { StreamPicture } from "../../src/stream/relay-protocol.ts";
import type { RelayClient } from "./relay-client.ts";
import type { RelayGroups } from "./relay-groups.ts";
import type { RelaySender } from "./relay-sender.ts";

interface Dependencies {
  readonly groups: RelayGroups;
  readonly sender: RelaySender;
  readonly now: number;
  readonly epoch: string;
  /** Sequence of the last frame that the relay has. */
  readonly head: number;
  /** The market of the last minute, while no other message is followed; null where the hub does not respond. */
  readonly picture: () => Promise<StreamPicture | null>;
}

/** Follows a message of a client, and answers it under its id. A client that sends too much is closed. */
export async function answerMessage(deps: Dependencies, client: RelayClient, message: string | ArrayBuffer): Promise<void> {
  const { sender, now } = deps;
  const size = typeof message === "string" ? message.length : message.byteLength;
  if (size > MAX_MESSAGE_BYTES) {
    sender.close(client, 1009, `a message may have at most ${MAX_MESSAGE_BYTES} bytes`);
    return;
  }
  if (typeof message !== "string") {
    if (charge(deps, client)) refuse(deps, client, null, "the message is binary: send JSON text");
    return;
  }
  const read = readMessage(message);
  if (read.kind === "refused") {
    if (charge(deps, client)) refuse(deps, client, read.id, read.detail);
    return;
  }
  if (read.message.op === "ack") {
    const waiting = client.reading.waiting.length;
    const isKnown = sender.acknowledge(client, deps.epoch, read.message.n, deps.head);
    // The first acknowledgement of a beat costs nothing: the server asks for it.
    if (client.reading.waiting.length === waiting && !charge(deps, client)) return;
    if (!isKnown) refuse(deps, client, read.message.id ?? null, notSent(client, read.message.n));
    else if (read.message.id !== undefined) answer(deps, client, { op: "ack", id: read.message.id, time: now });
    return;
  }
  if (charge(deps, client)) await follow(deps, client, read.message);
}

/** Counts the message. @returns false where the client was closed for sending too many */
function charge({ sender, now }: Dependencies, client: RelayClient): boolean {
  if (client.messages.take(now)) return true;
  sender.close(client, 4008, TOO_MANY_MESSAGES);
  return false;
}

function notSent({ reading }: RelayClient, beat: number): string {
  return `n: beat ${beat} was not sent; the last one is ${reading.beats}`;
}

async function follow(deps: Dependencies, client: RelayClient, message: Exclude<ClientMessage, { readonly op: "ack" }>): Promise<void> {
  const { groups, now } = deps;
  switch (message.op) {
    case "ping":
      answer(deps, client, { op: "ping", id: message.id ?? null, time: now });
      break;
    case "unsubscribe": {
      const isKnown = groups.change(client, () => client.unsubscribe(message.id, now));
      if (!isKnown)
        refuse(deps, client, message.id, `id: there is no subscription ${JSON.stringify(message.id)}; there are ${listed(client)}`);
      else {
        client.save(deps.epoch);
        answer(deps, client, { op: "unsubscribe", id: message.id, time: now });
      }
      break;
    }
    case "subscribe":
      await subscribe(deps, client, message);
      break;
  }
}

async function subscribe(
  deps: Dependencies,
  client: RelayClient,
  message: Extract<ClientMessage, { readonly op: "subscribe" }>,
): Promise<void> {
  const { groups, now } = deps;
  const { subscriptions } = client;
  if (!subscriptions.has(message.id) && subscriptions.size >= MAX_SUBSCRIPTIONS) {
    refuse(deps, client, message.id, `a connection may have at most ${MAX_SUBSCRIPTIONS} subscriptions`);
    return;
  }
  const filter = filterOf(message);
  const picture = await deps.picture();
  const unlisted = picture === null ? [] : unlistedSymbols(picture, filter.symbols ?? []);
  if (unlisted.length > 0) {
    refuse(deps, client, message.id, `symbol: no venue lists a contract of ${unlisted.join(", ")}; GET /v1/symbols has what is collected`);
    return;
  }
  if (!groups.change(client, () => client.subscribe(message.id, filter))) {
    refuse(deps, client, message.id, "the subscriptions of this connection name too many base assets");
    return;
  }
  client.save(deps.epoch);
  const notices = picture === null ? [] : filterNotices(picture, filter);
  answer(deps, client, { op: "subscribe", id: message.id, time: now, filter, notices });
}

function listed({ subscriptions }: RelayClient): string {
  const names = [...subscriptions.keys()].map((id) => JSON.stringify(id));
  return names.length === 0 ? "none" : names.join(", ");
}

function answer({ sender }: Dependencies, client: RelayClient, said: Omit<OpAnswer, "type">): void {
  sender.say(client, { type: "answer", ...said } as OpAnswer);
}

function refuse({ sender }: Dependencies, client: RelayClient, id: string | number | null, detail: string): void {
  const error: OpError = { type: "error", id, detail };
  sender.say(client, error);
}
