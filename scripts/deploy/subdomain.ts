import * as z from "zod";
import { Advice } from "../command-line.ts";
import { ApiError, type CloudflareApi, unlessMissing } from "./cloudflare-api.ts";
import type { Terminal } from "./terminal.ts";

/** Codes of Cloudflare: the account has no subdomain yet; the name is somebody else's. */
const NO_SUBDOMAIN = 10_007;
const TAKEN = 10_031;

const answer = z.object({ subdomain: z.string().nullable() });

/** The account's workers.dev subdomain, which Workflows need whatever the Worker's address is; null where it has none. */
export async function findSubdomain(api: CloudflareApi, accountId: string): Promise<string | null> {
  const path = `/accounts/${accountId}/workers/subdomain`;
  return (await unlessMissing(api.get(path, "Workers Scripts: Edit", answer), [NO_SUBDOMAIN]))?.subdomain ?? null;
}

/** @throws {Advice} where nobody can choose a name, or the name is not available */
export async function registerSubdomain(api: CloudflareApi, accountId: string, terminal: Terminal): Promise<string> {
  const page = `https://dash.cloudflare.com/${accountId}/workers/onboarding`;
  if (!terminal.isInteractive) throw new Advice(`This account has no workers.dev subdomain yet; register one at ${page} and run it again.`);
  const name = await terminal.ask("This account has no workers.dev subdomain yet. Which name should it get (NAME.workers.dev)? ");
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new Advice(`The name ${JSON.stringify(name)} cannot be a subdomain; allowed: up to 63 lowercase letters, digits and hyphens.`);
  }
  try {
    await api.put(`/accounts/${accountId}/workers/subdomain`, "Workers Scripts: Edit", { subdomain: name }, answer);
    return name;
  } catch (error) {
    if (error instanceof ApiError && error.code === TAKEN)
      throw new Advice(`The name ${name}.workers.dev is taken; run it again with another name.`);
    throw error;
  }
}
