import { IsolateMemory } from "../../src/isolate-memory.ts";
import { messageOf } from "../../src/message-of.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";

/** How long what was read is served before the bucket is asked again. */
const KEPT_MS = MINUTE_MS;

/** A kind of trained model that `npm run train` installs in R2. */
export interface InstalledKind<Model> {
  readonly key: string;
  /** A larger file is none, bytes. */
  readonly maxBytes: number;
  /** What a model does: "decide". */
  readonly verb: string;
  /** @returns a text with the reason where the model must not do it */
  read(text: string): Promise<Model | string>;
}

/** A model that may serve, or the reason why none does. */
export type Installed<Model> = { readonly model: Model; readonly reason: null } | { readonly model: null; readonly reason: string };

interface Kept<Model> {
  readonly readTime: number;
  readonly etag: string | null;
  readonly installed: Installed<Model>;
}

/** Reads one kind of model, at most once a minute. A bucket that does not respond leaves what was read before. */
export class InstalledFile<Model extends object> {
  readonly #kind: InstalledKind<Model>;
  /** One for each bucket, which a test has more of than a Worker. */
  readonly #memory = new IsolateMemory(() => new WeakMap<R2Bucket, Kept<Model>>());

  constructor(kind: InstalledKind<Model>) {
    this.#kind = kind;
  }

  async read(bucket: R2Bucket, now: number): Promise<Installed<Model>> {
    const { kept } = this.#memory;
    const before = kept.get(bucket);
    if (before !== undefined && Math.abs(now - before.readTime) < KEPT_MS) return before.installed;
    try {
      const read = await this.#readAgain(bucket, before);
      kept.set(bucket, { ...read, readTime: now });
      return read.installed;
    } catch (error) {
      return before?.installed ?? none(`${this.#kind.key} cannot be read: ${messageOf(error)}`);
    }
  }

  async #readAgain(bucket: R2Bucket, before: Kept<Model> | undefined): Promise<Omit<Kept<Model>, "readTime">> {
    const { key } = this.#kind;
    const etag = before?.etag ?? null;
    const object = await bucket.get(key, { onlyIf: etag === null ? {} : { etagDoesNotMatch: etag } });
    if (object === null) return { etag: null, installed: none(`no model is installed under ${key}`) };
    // The same object as before comes without a body.
    if (!("body" in object)) return { etag: object.etag, installed: before?.installed ?? none(`${key} came without its content`) };
    return { etag: object.etag, installed: await this.#readBody(object) };
  }

  async #readBody(object: R2ObjectBody): Promise<Installed<Model>> {
    const { key, maxBytes, verb } = this.#kind;
    if (object.size > maxBytes) {
      await object.body.cancel();
      return none(`${key} has ${object.size} bytes; allowed: at most ${maxBytes}`);
    }
    const model = await this.#kind.read(await object.text());
    return typeof model === "string" ? none(`${key} must not ${verb}: ${model}`) : { model, reason: null };
  }
}

function none(reason: string): { readonly model: null; readonly reason: string } {
  return { model: null, reason };
}
