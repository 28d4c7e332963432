import type * as z from "zod";
import { messageOf } from "./message-of.ts";
import { sha256Hex } from "./sha256.ts";
import { canonicalJson } from "./signals/canonical-json.ts";

/** A trained model with the SHA-256 of the canonical JSON of its other fields. */
export type Sealed<Model> = Model & { readonly hash: string };

export async function sealModel<Model extends object>(model: Model): Promise<Sealed<Model>> {
  return { ...model, hash: await hashOf(model) };
}

/**
 * The model of a sealed file.
 * @param what the kind of model, with its article, such as "a rule model"
 * @returns a text with the reason where it is no such model, or was changed after it was sealed
 */
export async function readSealedModel<File extends { readonly hash: string }>(
  text: string,
  schema: z.ZodType<File>,
  what: string,
): Promise<File | string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `it is not valid JSON: ${messageOf(error)}`;
  }
  const read = schema.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `${issue?.path.join(".") || "it"}: ${issue?.message ?? `not ${what}`}`;
  }
  const { hash, ...rest } = read.data;
  return (await hashOf(rest)) === hash ? read.data : "its hash does not match its fields: it was changed after it was trained";
}

function hashOf(model: object): Promise<string> {
  return sha256Hex(canonicalJson(model));
}
