import { usageTally } from "../../durable-objects/usage-tally.ts";
import { type RowCounts, RowMeter, meteredDatabase } from "../d1/row-meter.ts";
import type { Env } from "../env.ts";

/** https://developers.cloudflare.com/r2/pricing/#class-a-operations; deleting, and ending an upload without an object, is free. */
export const R2_CLASSES = {
  put: "r2_class_a",
  list: "r2_class_a",
  createMultipartUpload: "r2_class_a",
  get: "r2_class_b",
  head: "r2_class_b",
} as const;

/** Those of an upload in parts. */
const UPLOAD_CLASSES = { uploadPart: "r2_class_a", complete: "r2_class_a" } as const;

type R2Classes = Readonly<Record<string, (typeof R2_CLASSES)[keyof typeof R2_CLASSES]>>;

/** Counts into the tally of the isolate. */
class TallyingMeter extends RowMeter {
  override add(counts: RowCounts, statement: string): void {
    super.add(counts, statement);
    usageTally.add("d1_rows_read", counts.rows_read);
    usageTally.add("d1_rows_written", counts.rows_written);
  }
}

/** One for each bucket, because what was read of a bucket is remembered by it. */
const METERED = new WeakMap<R2Bucket, R2Bucket>();

function meteredBucket(bucket: R2Bucket): R2Bucket {
  const known = METERED.get(bucket);
  if (known !== undefined) return known;
  const metered = counted(bucket, R2_CLASSES);
  METERED.set(bucket, metered);
  return metered;
}

/** The same object, whose calls are counted, and those of the uploads that it returns. */
function counted<Target extends object>(object: Target, classes: R2Classes): Target {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const item = typeof name === "string" && Object.hasOwn(classes, name) ? classes[name] : undefined;
      return (...given: unknown[]) => {
        if (item !== undefined) usageTally.add(item);
        const result = Reflect.apply(value, target, given) as unknown;
        if (name !== "createMultipartUpload") return result;
        return (result as Promise<R2MultipartUpload>).then((upload) => counted(upload, UPLOAD_CLASSES));
      };
    },
  });
}

/** The same bindings, with stores whose rows and operations are counted. */
export function meteredEnv(env: Env): Env {
  return { ...env, DB: meteredDatabase(env.DB, new TallyingMeter()), BUCKET: meteredBucket(env.BUCKET) };
}
