import ipaddr from "ipaddr.js";

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** IPv6 addresses of the public internet are assigned from here alone: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Azure answers its guests here, although the address is a public one:
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const AZURE_HOST = ipaddr.IPv4.parseCIDR("168.63.129.16/32");

/**
 * The address that a text spells; null for any other text. The library also reads octal, hexadecimal and shortened IPv4
 * addresses, which parsers disagree on, and IPv6 zones (`%eth0`), which name an interface of one machine: neither is an
 * address here.
 */
export function parseIpAddress(text: string): IpAddress | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return !text.includes("%") && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null;
}

/** Whether the address is on the public internet, where `ipaddr.js` knows the ranges for special use. */
export function isPublicAddress(address: IpAddress): boolean {
  if (address.range() !== "unicast") return false;
  return address instanceof ipaddr.IPv6 ? address.match(GLOBAL_UNICAST) : !address.match(AZURE_HOST);
}

/** Whether the address is this very machine: 127.0.0.0/8 or ::1. */
export function isLoopbackAddress(address: IpAddress): boolean {
  return address.range() === "loopback";
}
