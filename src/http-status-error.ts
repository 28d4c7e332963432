import { retryAfterMs } from "./retry-after.ts";

/** The parts of a response, except its status, that distinguish a ban from a country block and a challenge. */
export interface RefusalDetail {
  /** The wait in `Retry-After`, ms; null without one. */
  readonly retryAfterMs: number | null;
  /** Whether Cloudflare in front of the venue asks for proof of a browser (`cf-mitigated: challenge`). */
  readonly isChallenge: boolean;
  /** The beginning of the body, after the headers that name the refusing proxy. */
  readonly text: string;
}

const NO_DETAIL: RefusalDetail = { retryAfterMs: null, isChallenge: false, text: "" };
const MAX_BODY_CHARACTERS = 2_000;
const STATED_HEADERS = ["retry-after", "cf-mitigated", "cf-ray", "server"];

/** A venue or store returned an HTTP status that is not a success. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly status: number;
  readonly detail: RefusalDetail;

  constructor(status: number, url: string, detail: RefusalDetail = NO_DETAIL) {
    super(`HTTP ${status} from ${new URL(url).host}`);
    this.status = status;
    this.detail = detail;
  }

  /** @param now ms, for a `Retry-After` with a date */
  static of(response: { readonly status: number; readonly headers: Headers }, url: string, body: string, now: number): HttpStatusError {
    const { status, headers } = response;
    const stated = STATED_HEADERS.flatMap((name) => (headers.has(name) ? [`${name}: ${headers.get(name)}`] : []));
    return new HttpStatusError(status, url, {
      retryAfterMs: retryAfterMs(headers.get("retry-after"), now),
      isChallenge: headers.get("cf-mitigated") === "challenge",
      text: [...stated, body.slice(0, MAX_BODY_CHARACTERS)].join("\n"),
    });
  }
}

/** 403 and 451: the venue refuses connections from our location, so an early retry is pointless. */
export function isBlockedStatus(status: number): boolean {
  return status === 403 || status === 451;
}

/** 429 and 418 (Binance's ban of an address): too many requests to the venue. */
export function isLimitedStatus(status: number): boolean {
  return status === 429 || status === 418;
}
