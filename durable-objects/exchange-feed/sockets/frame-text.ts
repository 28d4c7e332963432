import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { messageOf } from "../../../src/message-of.ts";

/** More than any frame that is read: a small frame must not fill the memory of the object. */
const MAX_INFLATED_BYTES = 4_000_000;
/** The first bytes of gzip, which no text in UTF-8 begins with. */
const GZIP_MAGIC = [0x1f, 0x8b] as const;
const MAX_SHOWN_BYTES = 300;

const utf8 = new TextDecoder();

/** The text of a frame; where it cannot be read, the reason and its first bytes in base 64. */
export type FrameText = { readonly text: string; readonly fault: null } | { readonly text: string; readonly fault: string };

/** The text of a frame as it came from a socket: text, UTF-8 bytes, or gzip of them. */
export function frameText(data: unknown): FrameText {
  if (typeof data === "string") return { text: data, fault: null };
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();
  if (!GZIP_MAGIC.every((byte, index) => bytes[index] === byte)) return { text: utf8.decode(bytes), fault: null };
  try {
    // Not by a stream: frames are read in order, each within its own turn of the event loop.
    return { text: utf8.decode(gunzipSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES })), fault: null };
  } catch (error) {
    return { text: Buffer.from(bytes.subarray(0, MAX_SHOWN_BYTES)).toString("base64"), fault: `gzip cannot be read: ${messageOf(error)}` };
  }
}
