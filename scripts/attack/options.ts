import { parseArgs } from "node:util";

export const USAGE = `npm run attack -- [--url URL] [--key TOKEN] [--verbose]

The abuse cases of the API against a running Worker: hostile parameters, forged cursors, wrong content types, bodies that
are too long or too deep, header tricks, key misuse, scope crossing, idempotency races, path traversal, SSRF in webhook
addresses, CORS, inputs for slow regular expressions.

  --url      of the Worker (default: the built Worker, started on this machine with simulated venues)
  --key      its ADMIN_TOKEN; without it, a Worker at --url is only attacked by callers without a key
  --verbose  print each request with its status

Exit code 1 if a response has a status of 5xx, leaks something internal, is an error without a valid problem document,
takes too long, or accepts what must be refused.`;

export interface AttackOptions {
  /** Null: start the Worker here. */
  readonly url: string | null;
  readonly key: string | null;
  readonly verbose: boolean;
}

export function readAttackOptions(args: readonly string[]): AttackOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: "string" }, key: { type: "string" }, verbose: { type: "boolean", default: false } },
  });
  if (values.url !== undefined && !/^https?:\/\//u.test(values.url)) {
    throw new RangeError(`--url is ${JSON.stringify(values.url)}; allowed: an http or https address`);
  }
  return { url: values.url?.replace(/\/+$/u, "") ?? null, key: values.key ?? null, verbose: values.verbose };
}
