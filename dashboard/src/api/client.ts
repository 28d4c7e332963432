import createClient from "openapi-fetch";
import { apiKey } from "./key.ts";
import { fetchInTime } from "./fetch-in-time.ts";
import { noteLimits } from "./limits.ts";
import { type Failure, failureOf, failureWithoutAnswer } from "./failure.ts";
import type { Meta, paths } from "./schema.ts";
import { noteServerTime, serverNow } from "../stream/server-clock.ts";

/** Until an answer begins. */
const TIMEOUT_MS = 20_000;

/** The API, typed by its OpenAPI document. Use it through `useQuery`, or through `ask` for what a visitor starts. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: fetchWithKey });

/** What a request came to. */
export type Outcome<Data> =
  | { readonly kind: "ok"; readonly data: Data; readonly meta: Meta | null }
  | { readonly kind: "failed"; readonly failure: Failure };

/** An answer of openapi-fetch; the body of a success is `{ data, meta }`. */
interface Call<Body> {
  readonly data?: Body;
  readonly error?: unknown;
  readonly response: Response;
}
interface Enveloped {
  readonly data: unknown;
  readonly meta: Meta;
}
export type DataOf<Body> = Body extends Enveloped ? Body["data"] : Body;

/** Waits for a call of `api` and makes every outcome a value. */
export async function ask<Body>(call: Promise<Call<Body>>): Promise<Outcome<DataOf<Body>>> {
  try {
    const { data: body, error, response } = await call;
    if (body === undefined) return { kind: "failed", failure: failureOf(response, error) };
    const enveloped = isEnveloped(body);
    return { kind: "ok", data: (enveloped ? body.data : body) as DataOf<Body>, meta: enveloped ? body.meta : null };
  } catch (error) {
    return { kind: "failed", failure: failureWithoutAnswer(error) };
  }
}

async function fetchWithKey(request: Request): Promise<Response> {
  const key = apiKey.peek();
  if (key !== null) request.headers.set("Authorization", `Bearer ${key}`);
  const sentTime = Date.now();
  const response = await fetchInTime(request, TIMEOUT_MS);
  noteServerTime(response.headers.get("Date"), sentTime, Date.now());
  noteLimits(response.headers, serverNow());
  return response;
}

function isEnveloped(body: unknown): body is Enveloped {
  return typeof body === "object" && body !== null && "data" in body && "meta" in body;
}
