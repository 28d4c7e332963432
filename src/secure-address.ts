import { isLoopbackAddress, parseIpAddress } from "./webhooks/ip-address.ts";

/**
 * The one rule for addresses that are sent a secret (a key, a token, or an address that is itself a password): https, or
 * plain http that never leaves this machine.
 */
export const SECURE_ADDRESS = "an https:// address, or http:// of this machine (localhost, 127.0.0.1, [::1])";

/** Whether a secret may be sent there. */
export function isSecureAddress(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname));
}

/** @param hostname as in `URL`, with IPv6 addresses in brackets */
export function isLoopbackHost(hostname: string): boolean {
  const address = parseIpAddress(hostname.replace(/^\[|\]$/g, ""));
  return address === null ? hostname === "localhost" : isLoopbackAddress(address);
}

/**
 * The address that a command sends a secret to.
 * @param name of the option, for the error
 * @throws {RangeError} naming what is allowed
 */
export function requireSecureAddress(name: string, text: string, secret: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && isSecureAddress(url)) return url;
  throw new RangeError(`${name} is ${JSON.stringify(text)}; allowed with ${secret}: ${SECURE_ADDRESS}`);
}
