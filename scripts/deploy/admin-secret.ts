import { Advice } from "../command-line.ts";
import { MIN_ADMIN_TOKEN_LENGTH } from "../../src/config.ts";
import { newAdminToken } from "../admin-token.ts";
import type { ExistingWorker } from "./existing-worker.ts";

const PREVIOUS = "ADMIN_TOKEN_PREVIOUS";

/** What a deployment does about the secret ADMIN_TOKEN. */
export type AdminSecret =
  | { readonly kind: "kept" }
  | GivenToken
  | { readonly kind: "made"; readonly token: string }
  | { readonly kind: "missing" };

/** The token of the environment, and the one before it, which stays valid for a while. */
interface GivenToken {
  readonly kind: "given";
  readonly token: string;
  readonly previous: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The token of the environment; else the one that the Worker has; else a random one. The log of a CI run is no place for a
 * token, so none is made up there.
 */
export function adminSecret(environment: Environment, worker: ExistingWorker | null): AdminSecret {
  const given = givenToken(environment);
  if (given !== null) return given;
  if (worker?.secrets.includes("ADMIN_TOKEN") === true) return { kind: "kept" };
  return environment["CI"] === undefined ? { kind: "made", token: newAdminToken() } : { kind: "missing" };
}

/** @throws {Advice} where a token could be guessed, which the Worker would refuse too, or the former one replaces nothing */
export function givenToken(environment: Environment): GivenToken | null {
  const token = longToken(environment, "ADMIN_TOKEN");
  const previous = longToken(environment, PREVIOUS);
  if (token === null && previous !== null) throw new Advice(`${PREVIOUS} is given without ADMIN_TOKEN, which is to replace it.`);
  if (token !== null && token === previous)
    throw new Advice(`ADMIN_TOKEN and ${PREVIOUS} are the same; give the new one and the former one.`);
  return token === null ? null : { kind: "given", token, previous };
}

function longToken(environment: Environment, name: string): string | null {
  const token = environment[name]?.trim() ?? "";
  if (token === "") return null;
  if (token.length >= MIN_ADMIN_TOKEN_LENGTH) return token;
  throw new Advice(
    `${name} has ${token.length} characters; allowed: at least ${MIN_ADMIN_TOKEN_LENGTH}, such as those of: openssl rand -hex 32`,
  );
}

/** What to say of a former token that the Worker accepts, or will. */
export function previousTokenPlan(secret: AdminSecret, worker: ExistingWorker | null, workerName: string): string | null {
  const isSet = worker?.secrets.includes(PREVIOUS) === true;
  if (!isSet && !(secret.kind === "given" && secret.previous !== null)) return null;
  return `accepted too; once no client sends it, remove it: npx wrangler secret delete ${PREVIOUS} --name ${workerName}`;
}

/** The secrets to set with the code. */
export function secretsOf(secret: AdminSecret): Readonly<Record<string, string>> {
  if (!("token" in secret)) return {};
  return { ADMIN_TOKEN: secret.token, ...(secret.kind === "given" && secret.previous !== null ? { [PREVIOUS]: secret.previous } : {}) };
}

export const ADMIN_SECRET_PLANS: Readonly<Record<AdminSecret["kind"], string>> = {
  kept: "set already",
  given: "to be set from the environment",
  made: "not set yet; a random one will be",
  missing:
    "not set, so nobody can create keys, webhooks or exports; give this command one as a secret variable of the CI, such as that of: openssl rand -hex 32",
};
