import type { QueuedEvent } from "../event.ts";
import type { ChatMessage, Labelled } from "../messages/message.ts";
import { linkAddress } from "./link-address.ts";

/** Mail readers on a phone show the first 40 to 70 characters. */
const MAX_SUBJECT = 150;
/** RFC 5322, 2.1.1: a line should have at most 78 characters. */
const MAX_LINE = 76;

/** The body for a gateway that sends e-mail: subject and plain text are ready to be sent, and `type` is there to choose a recipient. */
export function emailBody({ type, time }: QueuedEvent, message: ChatMessage, publicUrl: string | null): object {
  const { headline, lines, quotes, facts, link } = message;
  const address = linkAddress(link, publicUrl);
  const parts = [
    [headline, ...lines],
    quotes.map(labelled),
    facts.map(labelled),
    link === null || address === null ? [] : [`${link.label}:`, address],
  ];
  const text = parts
    .filter((part) => part.length > 0)
    .map((part) => part.flatMap(wrapped).join("\n"))
    .join("\n\n");
  return { type, timestamp: new Date(time).toISOString(), subject: subjectOf(headline), text: `${text}\n` };
}

function labelled({ label, value }: Labelled): string {
  return `${label}: ${value}`;
}

function subjectOf(headline: string): string {
  const characters = [...headline];
  return characters.length <= MAX_SUBJECT ? headline : `${characters.slice(0, MAX_SUBJECT - 1).join("")}…`;
}

/** Lines of at most 76 characters, broken at spaces; a longer word stays whole. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > MAX_LINE) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
