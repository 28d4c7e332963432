import { hex } from "../../src/sha256.ts";

export interface StreamedObject {
  readonly bytes: number;
  /** Of the bytes that were sent, hexadecimal. */
  readonly sha256: string;
}

/** Size of a part of an upload; R2 takes parts of at least 5 MiB, all of the same size except the last. */
export const PART_BYTES = 8 * 1_024 * 1_024;

/**
 * Stores bytes as they come, without knowing how many there will be, and holds a copy of one part of them at a time. An object of
 * less than a part is put at once, with its hash for R2 to verify; a larger one is uploaded in parts, and appears when it is
 * complete.
 */
export async function putStreamed(
  bucket: R2Bucket,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  httpMetadata: R2HTTPMetadata,
): Promise<StreamedObject> {
  const upload = new Upload(bucket, key, httpMetadata);
  try {
    for await (const chunk of chunks) await upload.add(chunk);
    return await upload.end();
  } catch (error) {
    await upload.abandon();
    throw error;
  }
}

class Upload {
  readonly #bucket: R2Bucket;
  readonly #key: string;
  readonly #httpMetadata: R2HTTPMetadata;
  readonly #digest = new crypto.DigestStream("SHA-256");
  readonly #hashed = this.#digest.getWriter();
  readonly #part = new Uint8Array(PART_BYTES);
  readonly #parts: R2UploadedPart[] = [];
  #held = 0;
  #bytes = 0;
  #upload: R2MultipartUpload | null = null;

  constructor(bucket: R2Bucket, key: string, httpMetadata: R2HTTPMetadata) {
    this.#bucket = bucket;
    this.#key = key;
    this.#httpMetadata = httpMetadata;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    for (let from = 0; from < chunk.length;) {
      if (this.#held === PART_BYTES) await this.#send();
      const some = chunk.subarray(from, from + PART_BYTES - this.#held);
      this.#part.set(some, this.#held);
      this.#held += some.length;
      from += some.length;
    }
  }

  async end(): Promise<StreamedObject> {
    const last = await this.#hashedPart();
    await this.#hashed.close();
    const sha256 = await this.#digest.digest;
    if (this.#upload === null) {
      await this.#bucket.put(this.#key, last, { sha256, httpMetadata: this.#httpMetadata });
    } else {
      this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, last));
      await this.#upload.complete(this.#parts);
    }
    return { bytes: this.#bytes, sha256: hex(sha256) };
  }

  /** R2 itself drops an upload that was never completed, after a week. */
  async abandon(): Promise<void> {
    await Promise.allSettled([this.#upload?.abort(), this.#hashed.abort(), this.#digest.digest]);
  }

  async #send(): Promise<void> {
    this.#upload ??= await this.#bucket.createMultipartUpload(this.#key, { httpMetadata: this.#httpMetadata });
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, await this.#hashedPart()));
    this.#held = 0;
  }

  /** The bytes that are held. A part is hashed at once: each call to the hash costs more than a chunk's bytes. */
  async #hashedPart(): Promise<Uint8Array> {
    const part = this.#part.subarray(0, this.#held);
    await this.#hashed.write(part);
    return part;
  }
}
