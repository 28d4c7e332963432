import { type IpAddress, isLoopbackAddress, isPublicAddress, parseIpAddress } from "./ip-address.ts";

/**
 * Keeps deliveries off addresses that are not for the public: an endpoint's address comes from outside, and what is
 * sent to it is sent from inside.
 *
 * The address a name resolves to is looked at before each attempt. Between that and the connection the name may still
 * change, as a Worker cannot choose the address it connects to; the platform itself connects to public ones only.
 */

export type Guarded = { readonly kind: "allowed"; readonly url: URL } | { readonly kind: "refused"; readonly reason: string };

/** The addresses of a name, IPv4 and IPv6; it throws where that cannot be known. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

const PORTS: ReadonlySet<string> = new Set(["", "443", "8443"]);
const MAX_LENGTH = 2_048;

/** Names that are never public: RFC 6761, RFC 6762, RFC 8375, RFC 7686, RFC 9476, ICANN's `internal`, and what routers use. */
const LOCAL_SUFFIXES: readonly string[] =
  "localhost local localdomain internal intranet private corp home lan home.arpa in-addr.arpa ip6.arpa test example invalid onion alt".split(
    " ",
  );

/** What can be seen from the address as it is written. */
export function guardAddress(text: string, localDevelopment: boolean): Guarded {
  if (text.length > MAX_LENGTH) return refused(`longer than ${MAX_LENGTH} characters`);
  if (!/^https?:\/\/[^\s\\/?#][^\s\\]*$/i.test(text) || !URL.canParse(text)) return refused("not an https:// address");
  const url = new URL(text);
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return refused("user names and passwords in an address are not allowed");
  if (url.hash !== "") return refused("a fragment is never sent");
  if (isLoopbackUrl(url)) {
    return localDevelopment ? { kind: "allowed", url } : refused("loopback addresses are allowed in local development only");
  }
  if (url.protocol !== "https:") return refused("only https is allowed");
  if (!PORTS.has(url.port)) return refused("only the ports 443 and 8443 are allowed");
  const address = addressOf(url);
  const reason = address === null ? refusedName(url.hostname) : refusedLiteral(address, url.hostname, text);
  return reason === null ? { kind: "allowed", url } : refused(reason);
}

/** As `guardAddress`, and what the name resolves to: every address of it must be public. */
export async function guardResolved(text: string, localDevelopment: boolean, resolve: ResolveName): Promise<Guarded> {
  const guarded = guardAddress(text, localDevelopment);
  if (guarded.kind === "refused" || addressOf(guarded.url) !== null || isLoopbackUrl(guarded.url)) return guarded;
  const addresses = await resolve(guarded.url.hostname);
  if (addresses.length === 0) return refused("the name has no address");
  return addresses.every(isPublic) ? guarded : refused("the name leads to an address that is not public");
}

function refused(reason: string): Guarded {
  return { kind: "refused", reason };
}

function isLoopbackUrl(url: URL): boolean {
  const address = addressOf(url);
  return address === null ? url.hostname === "localhost" : isLoopbackAddress(address);
}

/** The address that stands in the place of a name; null where a name stands there. */
function addressOf(url: URL): IpAddress | null {
  return parseIpAddress(url.hostname.replace(/^\[|\]$/g, ""));
}

function isPublic(text: string): boolean {
  const address = parseIpAddress(text);
  return address !== null && isPublicAddress(address);
}

/** An address literal must stand as it is read: octal, hexadecimal or one-number forms have no honest use. */
function refusedLiteral(address: IpAddress, host: string, text: string): string | null {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1] ?? "";
  const written = authority.replace(/:\d*$/, "").toLowerCase();
  if (!host.startsWith("[") && written !== host) return "an IPv4 address is written as four decimal numbers";
  return isPublicAddress(address) ? null : "not an address of the public internet";
}

function refusedName(host: string): string | null {
  if (host.endsWith(".")) return "a name ends without a full stop";
  if (!host.includes(".")) return "not a public name";
  return LOCAL_SUFFIXES.some((suffix) => host.endsWith(`.${suffix}`)) ? "not a public name" : null;
}
