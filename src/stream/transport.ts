/** The two ways in which a client gets frames. */
export type Transport = "websocket" | "sse";

/** A frame as its client gets it: the same JSON, with its type and id in fields of their own for server-sent events. */
export function encodeFrame(transport: Transport, type: string, id: string | null, json: string): string {
  if (transport === "websocket") return json;
  return `event: ${type}\n${id === null ? "" : `id: ${id}\n`}data: ${json}\n\n`;
}
