import * as z from "zod";
import { Advice } from "../command-line.ts";
import { BATCH_PREFIX } from "../../src/batch-object.ts";
import { DAILY_PREFIX } from "../../src/daily/daily-keys.ts";
import { MARKS_PREFIX } from "../../src/daily/mark-keys.ts";
import { RAW_PREFIX } from "../../src/raw-frames/raw-files.ts";
import { ApiError, type CloudflareApi, unlessMissing } from "./cloudflare-api.ts";
import type { StoreLocation } from "./store-location.ts";

const PERMISSION = "Workers R2 Storage: Edit";
const NOT_FOUND = 10_006;
const NOT_ENABLED = 10_042;

const bucket = z.object({ name: z.string() });
const objects = z.array(z.object({ key: z.string() }));

/** Whether the account has a bucket of that name. @throws {Advice} where R2 is not enabled */
export async function hasBucket(api: CloudflareApi, accountId: string, name: string): Promise<boolean> {
  try {
    return (await unlessMissing(api.get(`/accounts/${accountId}/r2/buckets/${name}`, PERMISSION, bucket), [NOT_FOUND])) !== null;
  } catch (error) {
    if (!(error instanceof ApiError && error.code === NOT_ENABLED)) throw error;
    throw new Advice(
      `R2 is not enabled in this account; enable it at https://dash.cloudflare.com/${accountId}/r2/overview, which asks for a card, and run it again.`,
    );
  }
}

export async function createBucket(api: CloudflareApi, accountId: string, name: string, location: StoreLocation): Promise<void> {
  await api.post(`/accounts/${accountId}/r2/buckets`, PERMISSION, { name, locationHint: location }, bucket);
}

/** `ours`: batches, daily files, marks or raw frames of this project. `other`: objects, but none of those. */
export type BucketContents =
  | { readonly kind: "empty" }
  | { readonly kind: "ours" }
  | { readonly kind: "other"; readonly keys: readonly string[] };

/** What a bucket must hold some of to count as this project's: daily files have names that nobody else's have. */
const OUR_PREFIXES = [BATCH_PREFIX, `${DAILY_PREFIX}liquidation_`, MARKS_PREFIX, RAW_PREFIX];

export async function inspectBucket(api: CloudflareApi, accountId: string, name: string): Promise<BucketContents> {
  const list = async (query: string) => {
    const found = await api.get(`/accounts/${accountId}/r2/buckets/${name}/objects?${query}`, PERMISSION, objects);
    return found.map(({ key }) => key);
  };
  const keys = await list("per_page=3");
  if (keys.length === 0) return { kind: "empty" };
  for (const prefix of OUR_PREFIXES) {
    if ((await list(`per_page=1&prefix=${encodeURIComponent(prefix)}`)).length > 0) return { kind: "ours" };
  }
  return { kind: "other", keys };
}
