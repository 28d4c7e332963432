import type { Link } from "../messages/message.ts";

/** The address of a link; null where the message has none, or the Worker does not know its own address. */
export function linkAddress(link: Link | null, publicUrl: string | null): string | null {
  return link === null || publicUrl === null ? null : `${publicUrl}${link.path}`;
}
