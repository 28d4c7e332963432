/**
 * The address that requests are counted by. A caller with IPv6 usually has a whole /64, that is 2^64 addresses, so it is
 * counted by that; an IPv4 address inside IPv6 (`::ffff:192.0.2.1`) by itself.
 */
export function countedAddress(address: string): string {
  const [, ipv4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (ipv4 !== undefined) return ipv4;
  if (!address.includes(":")) return address;
  return `${networkGroups(address)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

/** The first four of the eight groups; `::` stands for as many zeros as are missing. */
function networkGroups(address: string): readonly string[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].slice(0, 4);
}
