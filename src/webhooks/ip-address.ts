/** Ranges an address on the public internet is not in, as first address and prefix length. */
const NOT_PUBLIC_V4: readonly (readonly [string, number])[] = [
  // https://www.iana.org/assignments/iana-ipv4-special-registry
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // Azure answers its guests here, although the address is a public one:
  // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  ["168.63.129.16", 32],
];

/** Whether a dotted decimal IPv4 or an IPv6 address is one of the public internet; false for any other text. */
export function isPublicAddress(text: string): boolean {
  const v4 = parseV4(text);
  if (v4 !== null) return isPublicV4(v4);
  const v6 = parseV6(text);
  return v6 !== null && isPublicV6(v6);
}

/** Whether an address is this very machine: 127.0.0.0/8 or ::1. */
export function isLoopbackAddress(text: string): boolean {
  const v4 = parseV4(text);
  if (v4 !== null) return v4 >>> 24 === 127;
  const v6 = parseV6(text);
  return v6 !== null && v6.every((group, index) => group === (index === 7 ? 1 : 0));
}

export function parseV4(text: string): number | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.reduce((value, part) => ((value << 8) | Number(part)) >>> 0, 0);
}

function isPublicV4(address: number): boolean {
  return !NOT_PUBLIC_V4.some(([first, length]) => {
    const start = parseV4(first) ?? 0;
    return address >>> (32 - length) === start >>> (32 - length);
  });
}

/** Eight groups of 16 bits, or null where the text is no IPv6 address; zones (`%eth0`) are none. */
export function parseV6(text: string): readonly number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [left, right] = halves.map(groupsOf);
  if (left === undefined || left === null || right === null) return null;
  if (right === undefined) return left.length === 8 ? left : null;
  const zeros = 8 - left.length - right.length;
  return zeros < 1 ? null : [...left, ...Array.from({ length: zeros }, () => 0), ...right];
}

function groupsOf(text: string): readonly number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const v4 = parseV4(parts.at(-1) ?? "");
  const hex = v4 === null ? parts : parts.slice(0, -1);
  if (!hex.every((part) => /^[\da-f]{1,4}$/i.test(part))) return null;
  const groups = hex.map((part) => Number.parseInt(part, 16));
  return v4 === null ? groups : [...groups, v4 >>> 16, v4 & 0xff_ff];
}

/**
 * Global unicast is 2000::/3; all else is refused: loopback, unique local, link-local, mapped IPv4, NAT64, multicast.
 * Inside it, what is for special use: https://www.iana.org/assignments/iana-ipv6-special-registry
 */
function isPublicV6([first = 0, second = 0]: readonly number[]): boolean {
  if (first >>> 13 !== 1) return false;
  const special = first === 0x2001 && second <= 0x01_ff;
  const documentation = (first === 0x2001 && second === 0x0d_b8) || (first === 0x3fff && second <= 0x0f_ff);
  const sixToFour = first === 0x2002;
  return !special && !documentation && !sixToFour;
}
