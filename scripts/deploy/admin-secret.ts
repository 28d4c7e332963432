import { Advice } from "../command-line.ts";
import { MIN_ADMIN_TOKEN_LENGTH } from "../../src/config.ts";
import { newAdminToken } from "../admin-token.ts";
import type { ExistingWorker } from "./existing-worker.ts";

/** What a deployment does about the secret ADMIN_TOKEN. */
export type AdminSecret =
  | { readonly kind: "kept" }
  | { readonly kind: "given"; readonly token: string }
  | { readonly kind: "made"; readonly token: string }
  | { readonly kind: "missing" };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The token of the environment; else the one that the Worker has; else a random one. The log of a CI run is no place for a
 * token, so none is made up there.
 */
export function adminSecret(environment: Environment, worker: ExistingWorker | null): AdminSecret {
  const token = givenToken(environment);
  if (token !== null) return { kind: "given", token };
  if (worker?.secrets.includes("ADMIN_TOKEN") === true) return { kind: "kept" };
  return environment["CI"] === undefined ? { kind: "made", token: newAdminToken() } : { kind: "missing" };
}

/** @throws {Advice} where the token could be guessed, which the Worker would refuse too */
export function givenToken(environment: Environment): string | null {
  const token = environment["ADMIN_TOKEN"]?.trim() ?? "";
  if (token === "") return null;
  if (token.length >= MIN_ADMIN_TOKEN_LENGTH) return token;
  throw new Advice(
    `ADMIN_TOKEN has ${token.length} characters; allowed: at least ${MIN_ADMIN_TOKEN_LENGTH}, such as those of: openssl rand -hex 32`,
  );
}

/** The secrets to set with the code. */
export function secretsOf(secret: AdminSecret): Readonly<Record<string, string>> {
  return "token" in secret ? { ADMIN_TOKEN: secret.token } : {};
}

export const ADMIN_SECRET_PLANS: Readonly<Record<AdminSecret["kind"], string>> = {
  kept: "set already",
  given: "to be set from the environment",
  made: "not set yet; a random one will be",
  missing:
    "not set, so nobody can create keys, webhooks or exports; give this command one as a secret variable of the CI, such as that of: openssl rand -hex 32",
};
