/** A limit per minute that a request counts against. */
export interface CountedLimit {
  readonly policy: "address" | "key" | "credentials";
  readonly caller: string;
  readonly limiter: RateLimit;
}
