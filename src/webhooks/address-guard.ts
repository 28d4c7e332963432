import { isLoopbackHost } from "../secure-address.ts";
import { type IpAddress, isPublicAddress, parseIpAddress } from "./ip-address.ts";

/**
 * Keeps deliveries away from addresses that are not public (SSRF): the URL of an endpoint comes from outside, but the
 * request is sent from inside.
 *
 * The name is resolved and checked before each attempt. It may still change before the connection is made, because a
 * Worker cannot choose the address it connects to; the platform itself connects only to public addresses.
 */

export type Guarded = { readonly kind: "allowed"; readonly url: URL } | { readonly kind: "refused"; readonly reason: string };

/** Resolves a name to its IPv4 and IPv6 addresses. It throws where resolution fails. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

const PORTS: ReadonlySet<string> = new Set(["", "443", "8443"]);
const MAX_LENGTH = 2_048;

/** Names that are never public: RFC 6761, RFC 6762, RFC 8375, RFC 7686, RFC 9476, ICANN's `internal`, and what routers use. */
const LOCAL_SUFFIXES: readonly string[] =
  "localhost local localdomain internal intranet private corp home lan home.arpa in-addr.arpa ip6.arpa test example invalid onion alt".split(
    " ",
  );

/** Checks a URL without resolving its name. */
export function guardAddress(text: string, localDevelopment: boolean): Guarded {
  if (text.length > MAX_LENGTH) return refused(`must have at most ${MAX_LENGTH} characters`);
  if (!/^https?:\/\/[^\s\\/?#][^\s\\]*$/i.test(text) || !URL.canParse(text)) return refused("must be an https:// URL");
  const url = new URL(text);
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return refused("must not contain a user name or password");
  if (url.hash !== "") return refused("must not have a fragment");
  if (isLoopbackHost(url.hostname)) {
    return localDevelopment ? { kind: "allowed", url } : refused("must not be a loopback address, except with LOCAL_DEVELOPMENT=true");
  }
  if (url.protocol !== "https:") return refused("must use https");
  if (!PORTS.has(url.port)) return refused("must use port 443 or 8443");
  const address = addressOf(url);
  const reason = address === null ? refusedName(url.hostname) : refusedLiteral(address, url.hostname, text);
  return reason === null ? { kind: "allowed", url } : refused(reason);
}

/** Checks a URL and resolves its name: every address of the name must be public. */
export async function guardResolved(text: string, localDevelopment: boolean, resolve: ResolveName): Promise<Guarded> {
  const guarded = guardAddress(text, localDevelopment);
  if (guarded.kind === "refused" || addressOf(guarded.url) !== null || isLoopbackHost(guarded.url.hostname)) return guarded;
  const addresses = await resolve(guarded.url.hostname);
  if (addresses.length === 0) return refused("must have a name that resolves to an address");
  return addresses.every(isPublic) ? guarded : refused("must resolve to public addresses only");
}

function refused(reason: string): Guarded {
  return { kind: "refused", reason };
}

/** The address literal of a URL; null where the host is a name. */
function addressOf(url: URL): IpAddress | null {
  return parseIpAddress(url.hostname.replace(/^\[|\]$/g, ""));
}

function isPublic(text: string): boolean {
  const address = parseIpAddress(text);
  return address !== null && isPublicAddress(address);
}

/** An IPv4 literal must be dotted decimal: octal, hexadecimal and one-number forms have no honest use. */
function refusedLiteral(address: IpAddress, host: string, text: string): string | null {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1] ?? "";
  const written = authority.replace(/:\d*$/, "").toLowerCase();
  if (!host.startsWith("[") && written !== host) return "must write an IPv4 address as four decimal numbers";
  return isPublicAddress(address) ? null : "must be an address on the public internet";
}

function refusedName(host: string): string | null {
  if (host.endsWith(".")) return "must not end with a full stop";
  if (!host.includes(".") || host.split(".").includes("")) return "must have a public name";
  return LOCAL_SUFFIXES.some((suffix) => host.endsWith(`.${suffix}`)) ? "must have a public name" : null;
}
