import type { Data } from "apache-arrow";
import { makeData, Utf8 } from "apache-arrow";
import type { Validity } from "./validity.ts";

const encoder = new TextEncoder();

/** The UTF-8 bytes of all texts, concatenated, with the offset of each; a null has no bytes. */
export function textColumn(texts: readonly string[], validity: Validity): Data<Utf8> {
  const length = texts.length;
  let joined = "";
  for (const text of texts) joined += text;
  const bytes = encoder.encode(joined);
  // As many bytes as UTF-16 units means ASCII, so the length of a text is its number of bytes.
  if (bytes.length === joined.length) {
    return makeData({ type: new Utf8(), length, data: bytes, valueOffsets: offsets(texts), ...validity });
  }
  // Each text separately, because joining could merge two lone surrogates into one character.
  const pieces = texts.map((text) => encoder.encode(text));
  const valueOffsets = offsets(pieces);
  const data = new Uint8Array(valueOffsets.at(-1) ?? 0);
  for (const [index, piece] of pieces.entries()) data.set(piece, valueOffsets[index]);
  return makeData({ type: new Utf8(), length, data, valueOffsets, ...validity });
}

function offsets(pieces: readonly { readonly length: number }[]): Int32Array {
  const starts = new Int32Array(pieces.length + 1);
  let end = 0;
  pieces.forEach((piece, index) => {
    end += piece.length;
    starts[index + 1] = end;
  });
  return starts;
}
