import type { Problem } from "./schema.ts";

/** Why a request has no data, as a screen shows it. Expected outcomes are values; nothing is thrown. */
export type FailureKind = "bad_request" | "unauthorized" | "forbidden" | "not_found" | "limited" | "server" | "offline" | "timeout";

export interface Failure {
  readonly kind: FailureKind;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** The API's own code of the problem; null where the answer was not the API's. */
  readonly code: Problem["code"] | null;
  readonly detail: string;
  readonly requestId: string | null;
  /** Milliseconds until the API wants to be asked again; null where it did not say. */
  readonly retryAfterMs: number | null;
  /** Names close to an unknown base asset. */
  readonly nearest: readonly string[];
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  410: "not_found",
  413: "bad_request",
  422: "bad_request",
  429: "limited",
};

/** @param body the parsed answer, whatever it is: a proxy in between may have answered in the API's place */
export function failureOf(response: Response, body: unknown): Failure {
  const problem = isProblem(body) ? body : null;
  return {
    kind: KINDS[response.status] ?? "server",
    status: response.status,
    code: problem?.code ?? null,
    detail: problem?.detail ?? `The server answered with status ${response.status}.`,
    requestId: problem?.request_id ?? response.headers.get("X-Request-Id"),
    retryAfterMs: retryAfterMs(response.headers),
    nearest: problem?.nearest ?? [],
  };
}

/** A request that got no answer: no connection, or none in time. */
export function failureWithoutAnswer(error: unknown): Failure {
  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  return {
    kind: isTimeout ? "timeout" : "offline",
    status: null,
    code: null,
    detail: isTimeout ? "The server did not answer in time." : "The server cannot be reached.",
    requestId: null,
    retryAfterMs: null,
    nearest: [],
  };
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body && typeof body.detail === "string";
}

function retryAfterMs(headers: Headers): number | null {
  const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}
