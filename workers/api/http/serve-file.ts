import type { ApiContext } from "./api-env.ts";
import { type ByteRange, readRange } from "./byte-range.ts";
import { isNamedBy } from "./entity-tag.ts";
import { ProblemError } from "./problem.ts";
import { hex } from "../../../src/sha256.ts";

/** An object of the bucket, as offered for download. */
export interface ServedFile {
  readonly key: string;
  readonly name: string;
  readonly contentType: string;
  /** Hexadecimal; needed where the bucket does not know the hash of the object, as of one that was uploaded in parts. */
  readonly sha256?: string;
}

/** The response, and how many bytes of the file it holds. */
export interface ServedAnswer {
  readonly response: Response;
  readonly bytes: number;
}

/**
 * Serves an object according to RFC 9110: `ETag` and `If-None-Match`, one `Range` with `If-Range`, `HEAD` without a body.
 * @throws {ProblemError} 404 where the object does not exist, 416 where the range lies outside it
 */
export async function serveFile(c: ApiContext, { key, name, contentType, sha256: known }: ServedFile): Promise<ServedAnswer> {
  const object = await c.env.BUCKET.head(key);
  if (object === null) throw new ProblemError("not_found", "This file does not exist.");
  const etag = object.httpEtag;
  c.header("ETag", etag);
  c.header("Accept-Ranges", "bytes");
  c.header("Cache-Control", "private, no-cache");
  c.header("Vary", "Accept-Encoding", { append: true });
  if (isNamedBy(c.req.header("If-None-Match"), etag)) return { response: c.body(null, 304), bytes: 0 };
  const wanted = rangeOf(c, etag, object.size);
  c.header("Content-Type", contentType);
  c.header("Content-Disposition", `attachment; filename="${name}"`);
  const sha256 = object.checksums.sha256 === undefined ? known : hex(object.checksums.sha256);
  if (sha256 !== undefined) c.header("Repr-Digest", `sha-256=:${Buffer.from(sha256, "hex").toString("base64")}:`);
  if (wanted === null) return serveWhole(c, object, contentType);
  c.header("Content-Range", `bytes ${wanted.from}-${wanted.to - 1}/${object.size}`);
  c.header("Content-Length", String(wanted.to - wanted.from));
  return { response: await bodyOf(c, object, wanted, 206), bytes: isHead(c) ? 0 : wanted.to - wanted.from };
}

async function serveWhole(c: ApiContext, object: R2Object, contentType: string): Promise<ServedAnswer> {
  const bytes = isHead(c) ? 0 : object.size;
  if (isCompressible(contentType) && acceptsGzip(clientEncodings(c)) && !isHead(c)) {
    const { body } = await openObject(c, object, null);
    c.header("Content-Encoding", "gzip");
    // The bytes differ from the file's, so its strong ETag would be wrong.
    c.header("ETag", `W/${object.httpEtag}`);
    // With `c.body` the runtime would compress a second time.
    const compressed = body.pipeThrough(new CompressionStream("gzip"));
    return { response: new Response(compressed, { headers: c.body(null).headers, encodeBody: "manual" }), bytes };
  }
  c.header("Content-Length", String(object.size));
  return { response: await bodyOf(c, object, { from: 0, to: object.size }, 200), bytes };
}

async function bodyOf(c: ApiContext, object: R2Object, range: ByteRange, status: 200 | 206): Promise<Response> {
  if (isHead(c) || range.from === range.to) return c.body(null, status);
  return c.body((await openObject(c, object, range)).body, status);
}

async function openObject(c: ApiContext, { key, etag }: R2Object, range: ByteRange | null): Promise<R2ObjectBody> {
  const part = range === null ? {} : { range: { offset: range.from, length: range.to - range.from } };
  const object = await c.env.BUCKET.get(key, { ...part, onlyIf: { etagMatches: etag } });
  if (object !== null && "body" in object) return object;
  throw new ProblemError("storage_unavailable", "The file was replaced during the request; repeat it.", {
    headers: { "Retry-After": "1" },
  });
}

/** The requested range, if it belongs to the current version of the file; null for the whole file. */
function rangeOf(c: ApiContext, etag: string, size: number): ByteRange | null {
  const condition = c.req.header("If-Range");
  if (condition !== undefined && condition !== etag) return null;
  const range = readRange(c.req.header("Range"), size);
  if (range !== "unsatisfiable") return range;
  throw new ProblemError("range_not_satisfiable", `The file has ${size} bytes.`, { headers: { "Content-Range": `bytes */${size}` } });
}

function isHead(c: ApiContext): boolean {
  return c.req.method === "HEAD";
}

function isCompressible(contentType: string): boolean {
  return /^text\/|^application\/(?:json|x-ndjson)/.test(contentType);
}

/**
 * The content encodings that the client itself accepts. At the edge the platform puts its own `Accept-Encoding` on every
 * request and keeps the client's here:
 * https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties (read 2026-11-28)
 */
function clientEncodings(c: ApiContext): string {
  const kept = c.req.raw.cf?.["clientAcceptEncoding"];
  return typeof kept === "string" ? kept : (c.req.header("Accept-Encoding") ?? "");
}

function acceptsGzip(encodings: string): boolean {
  return encodings.split(",").some((part) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(part));
}
