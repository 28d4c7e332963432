import { createReadStream, openSync, readSync, closeSync } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { messageOf } from "../../src/message-of.ts";
import { type RawFrame, rawFrameSchema } from "../../src/raw-frames/raw-frame.ts";
import { linesOf } from "./lines-of.ts";

/** A line of a raw file: its frame, or the reason why it is none. */
export type RawLine = { readonly line: number } & ({ readonly frame: RawFrame } | { readonly fault: string; readonly text: string });

/**
 * The frames of a raw file of the API, with or without gzip.
 * @throws where the file cannot be read or is cut off
 */
export async function* readRawFile(path: string): AsyncGenerator<RawLine> {
  // What fails in either reaches the reader. Not `pipe` nor `compose`, which leave an error without a handler now and then.
  const input = isGzip(path) ? pipeline(createReadStream(path), createGunzip(), () => undefined) : createReadStream(path);
  let line = 0;
  for await (const text of linesOf(input)) {
    line += 1;
    if (text.trim() !== "") yield { line, ...readLine(text) };
  }
}

function readLine(text: string): { readonly frame: RawFrame } | { readonly fault: string; readonly text: string } {
  try {
    const { data, error } = rawFrameSchema.safeParse(JSON.parse(text));
    if (data !== undefined) return { frame: data };
    const [issue] = error.issues;
    return { fault: `not a raw frame: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`, text };
  } catch (error) {
    return { fault: `not JSON: ${messageOf(error)}`, text };
  }
}

function isGzip(path: string): boolean {
  const start = Buffer.alloc(2);
  const file = openSync(path, "r");
  try {
    return readSync(file, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}
