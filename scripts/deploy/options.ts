import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { readWholeOption } from "../number-option.ts";
import { STORE_LOCATIONS, type StoreLocation } from "./store-location.ts";

export const USAGE = `Deploys the Worker into your Cloudflare account, and creates what it needs there.

  npm run deploy -- [--env NAME] [--config FILE] [--location PLACE] [--check] [--yes] [--wait SECONDS] [--url ADDRESS]

  --env NAME        a second instance, such as staging: every name of the configuration ends in -NAME, and the
                    variables of [env.NAME.vars] come on top
  --config FILE     another configuration than wrangler.toml
  --location PLACE  where D1 and R2 are created: ${STORE_LOCATIONS.join(", ")} (default: near the feeds)
  --check           look whether the account is ready, and change nothing
  --yes             answer every question with yes: adopt stores of others or with other contents, replace a Worker
  --wait SECONDS    how long to wait until the feeds are live (default: 300; 0: not at all)
  --url ADDRESS     where the Worker answers, if not on workers.dev or its custom domain

Environment: CLOUDFLARE_API_TOKEN instead of a login, CLOUDFLARE_ACCOUNT_ID where there are several accounts,
ADMIN_TOKEN to set that secret instead of a random one, and ADMIN_TOKEN_PREVIOUS to let the former one count too. It can be
run again at any time, after a failure too.`;

export interface DeployOptions {
  /** An absolute path. */
  readonly config: string;
  readonly environment: string | null;
  /** Null: near the feeds. */
  readonly location: StoreLocation | null;
  readonly checkOnly: boolean;
  readonly yes: boolean;
  readonly waitSeconds: number;
  readonly url: string | null;
}

const MAX_WAIT_SECONDS = 3_600;

/** @throws where an option is unknown or not what it may be */
export function readOptions(args: readonly string[], root: string): DeployOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: "string", default: "wrangler.toml" },
      env: { type: "string" },
      location: { type: "string" },
      check: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
      wait: { type: "string", default: "300" },
      url: { type: "string" },
    },
  });
  return {
    config: resolve(root, values.config),
    environment: values.env === undefined ? null : readEnvironment(values.env),
    location: values.location === undefined ? null : readLocation(values.location),
    checkOnly: values.check,
    yes: values.yes,
    waitSeconds: readWholeOption("--wait", values.wait, 0, MAX_WAIT_SECONDS),
    url: values.url === undefined ? null : readUrl(values.url),
  };
}

/** Names of Workers, databases and buckets end in it. */
function readEnvironment(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(text)) return text;
  throw new RangeError(`--env is ${JSON.stringify(text)}; allowed: up to 30 lowercase letters, digits and hyphens, such as staging`);
}

function readLocation(text: string): StoreLocation {
  const location = STORE_LOCATIONS.find((known) => known === text);
  if (location !== undefined) return location;
  throw new RangeError(`--location is ${JSON.stringify(text)}; allowed: ${STORE_LOCATIONS.join(", ")}`);
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && ["http:", "https:"].includes(url.protocol)) return text.replace(/\/+$/, "");
  throw new RangeError(`--url is ${JSON.stringify(text)}; allowed: an http:// or https:// address`);
}
