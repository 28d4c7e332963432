/** A venue or store answered an HTTP request with a status that is no success. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly status: number;

  constructor(status: number, url: string) {
    super(`HTTP ${status} from ${new URL(url).host}`);
    this.status = status;
  }
}

/** 403 and 451: the venue refuses the place we connect from, so trying again soon is of no use. */
export function isBlockedStatus(status: number): boolean {
  return status === 403 || status === 451;
}
