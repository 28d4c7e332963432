import * as z from "zod";
import { Advice } from "../command-line.ts";
import type { RunWrangler } from "./wrangler.ts";

/** The login of wrangler or the token of a CI run. */
export interface Login {
  /** Of requests to Cloudflare's API. */
  readonly headers: Readonly<Record<string, string>>;
  readonly description: string;
}

const credentials = z.union([
  z.object({ type: z.enum(["oauth", "api_token"]), token: z.string() }),
  z.object({ type: z.literal("api_key"), key: z.string(), email: z.string() }),
]);

/** What a deployment needs of the scopes that `wrangler login` asks for; logins of old versions lack some. */
const SCOPES = ["account:read", "workers:write", "workers_scripts:write", "d1:write"];

const identity = z.object({ email: z.string().optional(), tokenPermissions: z.array(z.string()).optional() });

/** @throws {Advice} where nobody is logged in, or the login lacks a scope */
export async function readLogin(wrangler: RunWrangler): Promise<Login> {
  const { code, stdout } = await wrangler(["auth", "token", "--json"]);
  const { data: login } = credentials.safeParse(code === 0 ? jsonIn(stdout) : null);
  if (login === undefined) {
    throw new Advice(
      'You are not logged in to Cloudflare; run "npx wrangler login", or set CLOUDFLARE_API_TOKEN where there is no browser.',
    );
  }
  if (login.type === "api_key") {
    return { headers: { "X-Auth-Key": login.key, "X-Auth-Email": login.email }, description: `API key of ${login.email}` };
  }
  const headers = { Authorization: `Bearer ${login.token}` };
  if (login.type === "api_token") return { headers, description: "API token" };
  return { headers, description: await describeOauth(wrangler) };
}

/** @throws {Advice} where the login lacks a scope; a login whose scopes cannot be read is tried all the same */
async function describeOauth(wrangler: RunWrangler): Promise<string> {
  const { code, stdout } = await wrangler(["whoami", "--json"]);
  const { data } = identity.safeParse(code === 0 ? jsonIn(stdout) : null);
  const missing = data?.tokenPermissions === undefined ? [] : SCOPES.filter((scope) => data.tokenPermissions?.includes(scope) !== true);
  if (missing.length > 0)
    throw new Advice(`Your wrangler login lacks ${missing.join(", ")}, as older ones do; run "npx wrangler login" again.`);
  return data?.email ?? "wrangler login";
}

/** The JSON in an output that may begin with notices. */
function jsonIn(output: string): unknown {
  try {
    return JSON.parse(output.slice(output.indexOf("{")));
  } catch {
    return null;
  }
}
