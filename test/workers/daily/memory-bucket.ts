interface Stored {
  readonly etag: string;
  readonly parts: readonly Uint8Array[];
  readonly customMetadata: Record<string, string>;
  readonly sha256: unknown;
}

/**
 * A bucket in the memory of the Worker: as much of R2 as daily files and exports need. What they take with it is the time of their
 * own code, without that of the local store.
 */
export class MemoryBucket {
  readonly #objects = new Map<string, Stored>();
  #written = 0;

  async put(key: string, value: BodyInit, options: R2PutOptions = {}): Promise<object | null> {
    const bytes = new Uint8Array(await new Response(value).arrayBuffer());
    return meets(this.#objects.get(key), options.onlyIf) ? this.#store(key, [bytes], options) : null;
  }

  head(key: string): Promise<object | null> {
    const stored = this.#objects.get(key);
    return Promise.resolve(stored === undefined ? null : described(key, stored));
  }

  get(key: string, { range, onlyIf }: R2GetOptions = {}): Promise<object | null> {
    const stored = this.#objects.get(key);
    if (stored === undefined) return Promise.resolve(null);
    if (!meets(stored, onlyIf)) return Promise.resolve(described(key, stored));
    const { offset = 0, length = sizeOf(stored) } = (range ?? {}) as { readonly offset?: number; readonly length?: number };
    const bytes = bytesOf(stored).slice(offset, offset + length);
    const response = new Response(bytes);
    const read = { body: response.body, bytes: () => Promise.resolve(bytes), json: () => response.json() };
    return Promise.resolve({ ...described(key, stored), ...read });
  }

  list({ prefix = "", delimiter }: R2ListOptions = {}): Promise<object> {
    const folderOf = (key: string): string | null => {
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? null : key.slice(0, end + 1);
    };
    const found = [...this.#objects].filter(([key]) => key.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const objects = found.filter(([key]) => folderOf(key) === null).map(([key, stored]) => described(key, stored));
    const delimitedPrefixes = [...new Set(found.flatMap(([key]) => folderOf(key) ?? []))];
    return Promise.resolve({ objects, delimitedPrefixes, truncated: false });
  }

  delete(keys: string | readonly string[]): Promise<void> {
    for (const key of [keys].flat()) this.#objects.delete(key);
    return Promise.resolve();
  }

  createMultipartUpload(key: string, options: R2MultipartOptions = {}): Promise<object> {
    const parts: Uint8Array[] = [];
    return Promise.resolve({
      uploadPart(partNumber: number, part: Uint8Array) {
        parts[partNumber - 1] = part.slice();
        return Promise.resolve({ partNumber, etag: "" });
      },
      complete: () => Promise.resolve(this.#store(key, parts, options)),
      abort: () => Promise.resolve(),
    });
  }

  #store(key: string, parts: readonly Uint8Array[], { customMetadata = {}, sha256 = undefined }: R2PutOptions): object {
    this.#written += 1;
    const stored = { parts, customMetadata, sha256, etag: String(this.#written) };
    this.#objects.set(key, stored);
    return described(key, stored);
  }
}

function described(key: string, stored: Stored) {
  const { etag, customMetadata, sha256 } = stored;
  return { key, etag, size: sizeOf(stored), customMetadata, checksums: { sha256 } };
}

function sizeOf({ parts }: Stored): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function bytesOf(stored: Stored): Uint8Array {
  const [first, ...others] = stored.parts;
  if (first !== undefined && others.length === 0) return first;
  const bytes = new Uint8Array(sizeOf(stored));
  let at = 0;
  for (const part of stored.parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function meets(stored: Stored | undefined, condition: R2PutOptions["onlyIf"] = {}): boolean {
  const { etagMatches, etagDoesNotMatch } = condition as R2Conditional;
  if (etagMatches !== undefined && stored?.etag !== etagMatches) return false;
  return etagDoesNotMatch === undefined || (etagDoesNotMatch === "*" ? stored === undefined : stored?.etag !== etagDoesNotMatch);
}
