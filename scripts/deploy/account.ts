import * as z from "zod";
import { Advice } from "../command-line.ts";
import { type CloudflareApi, PermissionError } from "./cloudflare-api.ts";
import type { Terminal } from "./terminal.ts";

const account = z.object({ id: z.string(), name: z.string() });
export type Account = z.output<typeof account>;

/** Accounts that one request lists; a login with more has to say which by id. */
const PAGE = 50;

/**
 * The account to deploy into: the one asked for by id, the only one of the login, or the one that the person picks.
 * @throws {Advice} where it is none of the login's, or there are several and nobody can pick
 */
export async function chooseAccount(api: CloudflareApi, wantedId: string | null, terminal: Terminal): Promise<Account> {
  if (wantedId !== null) return findAccount(api, wantedId);
  const accounts = await listAccounts(api);
  const [first, ...others] = accounts;
  if (first === undefined) {
    throw new Advice('This login sees no account; set CLOUDFLARE_ACCOUNT_ID, or give the token the permission "Account Settings: Read".');
  }
  if (others.length === 0) return first;
  if (!terminal.isInteractive) {
    throw new Advice(`This login has ${accounts.length} accounts; set CLOUDFLARE_ACCOUNT_ID to one of them: ${listed(accounts)}.`);
  }
  return pick(accounts, terminal);
}

/** A token need not be able to list accounts: what it may do with the one that is named shows at the next request. */
async function findAccount(api: CloudflareApi, id: string): Promise<Account> {
  if (!/^[0-9a-f]{32}$/.test(id)) {
    throw new Advice(`The account id is ${JSON.stringify(id)}; allowed: the 32 hexadecimal digits in the address of your dashboard.`);
  }
  const accounts = await listAccounts(api).catch((error: unknown) => {
    if (error instanceof PermissionError) return [];
    throw error;
  });
  const found = accounts.find((one) => one.id === id);
  if (found !== undefined) return found;
  if (accounts.length === 0 || accounts.length >= PAGE) return { id, name: "account" };
  throw new Advice(`This login has no account ${id}; set CLOUDFLARE_ACCOUNT_ID to one of its own: ${listed(accounts)}.`);
}

function listAccounts(api: CloudflareApi): Promise<readonly Account[]> {
  return api.get(`/accounts?per_page=${PAGE}`, "Account Settings: Read", z.array(account));
}

async function pick(accounts: readonly Account[], terminal: Terminal): Promise<Account> {
  accounts.forEach(({ id, name }, index) => terminal.print(`  ${index + 1}  ${name} (${id})`));
  const answer = await terminal.ask(`Which account? [1-${accounts.length}] `);
  const chosen = /^\d+$/.test(answer) ? accounts[Number(answer) - 1] : undefined;
  if (chosen === undefined)
    throw new Advice(`The answer ${JSON.stringify(answer)} is none of the accounts; allowed: 1 to ${accounts.length}.`);
  return chosen;
}

function listed(accounts: readonly Account[]): string {
  return accounts.map(({ id, name }) => `${id} (${name})`).join(", ");
}
