/** A venue or store returned an HTTP status that is not a success. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly status: number;

  constructor(status: number, url: string) {
    super(`HTTP ${status} from ${new URL(url).host}`);
    this.status = status;
  }
}

/** 403 and 451: the venue refuses connections from our location, so an early retry is pointless. */
export function isBlockedStatus(status: number): boolean {
  return status === 403 || status === 451;
}
