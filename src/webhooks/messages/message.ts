import type { EventData, EventType, QueuedEvent } from "../event.ts";

/**
 * An event in words, the same for every channel: a format of `formats/` renders it. Values of a record, above all the text of
 * a model, are untrusted: `tidyMessage` puts each on one line of limited length, and the formats escape them.
 */
export interface ChatMessage {
  readonly tone: Tone;
  /** What happened in one line: all that a notification on a phone shows. */
  readonly headline: string;
  /** Sentences of ours, beneath the headline. */
  readonly lines: readonly string[];
  /** What somebody said: the reason of a decision and what would refute it. */
  readonly quotes: readonly Labelled[];
  readonly facts: readonly Labelled[];
  /** Where to read on; null where there is nowhere. */
  readonly link: Link | null;
  /**
   * What the message is about, where later messages about it belong to it: an escalated cascade, a venue that is connected again.
   * Null where each message stands for itself.
   */
  readonly thread: string | null;
  readonly role: ThreadRole;
}

/**
 * What a message is in its thread: an `update` replaces the message before it, unless each is to be one of its own; a `first`
 * begins the thread again; a `reply` is a message of its own in every case, because it must make a sound, and belongs to the first.
 */
export type ThreadRole = "update" | "first" | "reply";

/** `up` and `down`: the direction of the price, or of the action. */
export type Tone = "up" | "down" | "quiet" | "trouble" | "well";

export interface Labelled {
  readonly label: string;
  readonly value: string;
}

export interface Link {
  readonly label: string;
  /** Path of the dashboard, from `/`. */
  readonly path: string;
}

/** What an event becomes: fields that are left out are empty. */
export type MessageDraft = Partial<Omit<ChatMessage, "facts" | "quotes" | "lines">> & {
  readonly headline: string;
  /** A line, quote or fact whose text is null is omitted. */
  readonly lines?: readonly (string | null)[];
  readonly quotes?: readonly DraftFact[];
  readonly facts?: readonly DraftFact[];
};

export type DraftFact = readonly [label: string, value: string | null];

/** A record from a queue: another version of the Worker may have written it, so any field may be absent or of another type. */
export type Loose<Data> = { readonly [Name in keyof Data]?: unknown };

/** The message of one event type. */
export type Wording<Type extends EventType> = (data: Loose<EventData[Type]>, event: QueuedEvent) => MessageDraft;

export const MAX_HEADLINE = 200;
export const MAX_LINE = 240;
export const MAX_QUOTE = 600;
export const MAX_VALUE = 120;
export const MAX_LINES = 4;
export const MAX_QUOTES = 2;
export const MAX_FACTS = 10;
/** Our ids are far shorter. */
const MAX_PATH = 300;

/** A draft within the limits of every channel, even if escaping turns each character into five. */
export function tidyMessage({ tone, headline, lines, quotes, facts, link, thread, role }: MessageDraft): ChatMessage {
  return {
    tone: tone ?? "quiet",
    headline: tidy(headline, MAX_HEADLINE) || "Event",
    lines: (lines ?? [])
      .map((line) => tidy(line ?? "", MAX_LINE))
      .filter((line) => line !== "")
      .slice(0, MAX_LINES),
    quotes: labelled(quotes, MAX_QUOTE, MAX_QUOTES),
    facts: labelled(facts, MAX_VALUE, MAX_FACTS),
    link: link !== undefined && link !== null && link.path.length <= MAX_PATH ? link : null,
    thread: thread ?? null,
    role: role ?? "update",
  };
}

function labelled(drafts: readonly DraftFact[] | undefined, length: number, count: number): readonly Labelled[] {
  return (drafts ?? [])
    .map(([label, value]) => ({ label, value: tidy(value ?? "", length) }))
    .filter(({ value }) => value !== "")
    .slice(0, count);
}

/** One line of limited length, without control and format characters, which could hide or reverse the text after them. */
function tidy(value: string, length: number): string {
  const line = value.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\s]+/gu, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
