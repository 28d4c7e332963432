import * as z from "zod";
import { Advice } from "../command-line.ts";
import { messageOf } from "../../src/message-of.ts";

/** What an API token needs for a call, as the dashboard names it. */
export type Permission = "Account Settings: Read" | "Workers Scripts: Edit" | "D1: Edit" | "Workers R2 Storage: Edit";

/** All that a token of a CI run needs. */
export const PERMISSIONS: readonly Permission[] = [
  "Account Settings: Read",
  "Workers Scripts: Edit",
  "D1: Edit",
  "Workers R2 Storage: Edit",
];

/** A refusal of the API other than for want of a permission. */
export class ApiError extends Advice {
  readonly status: number;
  /** Cloudflare's own number, 0 where it gave none. */
  readonly code: number;

  constructor(message: string, status: number, code: number) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The login may not do what was asked. */
export class PermissionError extends Advice {}

export interface CloudflareApi {
  /** The `result` of the answer, read with a schema. */
  get<Result>(path: string, permission: Permission, schema: z.ZodType<Result>): Promise<Result>;
  post<Result>(path: string, permission: Permission, body: object, schema: z.ZodType<Result>): Promise<Result>;
  put<Result>(path: string, permission: Permission, body: object, schema: z.ZodType<Result>): Promise<Result>;
}

const envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).catch([]),
  result: z.unknown(),
});

const TIMEOUT_MS = 30_000;
/** 10000 and 10001: authentication; 9109: unauthorized to access the resource. */
const REFUSED_CODES: ReadonlySet<number> = new Set([10_000, 10_001, 9_109]);

/** @param headers those of the login */
export function cloudflareApi(baseUrl: string, headers: Readonly<Record<string, string>>): CloudflareApi {
  async function call<Result>(method: string, path: string, permission: Permission, schema: z.ZodType<Result>, body?: object) {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Advice(`Cloudflare's API at ${baseUrl} could not be reached (${reasonOf(error)}); run it again once it can.`);
    });
    const { data: answer } = envelope.safeParse(await response.json().catch(() => null));
    if (answer?.success === true) return schema.parse(answer.result);
    const { code, message } = answer?.errors[0] ?? { code: 0, message: "no reason was given" };
    if (response.status === 401 || REFUSED_CODES.has(code)) throw new PermissionError(refusal(permission, code, message));
    throw new ApiError(
      `Cloudflare answered ${response.status} to ${method} ${path} (${message} [code ${code}]); run it again, which goes on from here.`,
      response.status,
      code,
    );
  }
  return {
    get: (path, permission, schema) => call("GET", path, permission, schema),
    post: (path, permission, body, schema) => call("POST", path, permission, schema, body),
    put: (path, permission, body, schema) => call("PUT", path, permission, schema, body),
  };
}

function refusal(permission: Permission, code: number, message: string): string {
  return `Cloudflare refuses this login (${message} [code ${code}]): a token needs the permission "${permission}" of this account, and a login is renewed with "npx wrangler login".`;
}

/** `fetch` says only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

/** What a call gives, null where the thing is not there: 404, or one of the codes that mean the same. */
export async function unlessMissing<Result>(call: Promise<Result>, codes: readonly number[] = []): Promise<Result | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || codes.includes(error.code))) return null;
    throw error;
  }
}
