import { describe, expect, test } from "vitest";
import { guardAddress, guardResolved } from "../../../src/webhooks/address-guard.ts";

const PUBLIC = [
  "https://hooks.slack.com/services/T0/B0/x",
  "https://example.org:8443/hook?x=1",
  "https://example.org:443/",
  "https://8.8.8.8/hook",
  "https://172.15.255.255/",
  "https://172.32.0.1/",
  "https://100.128.0.1/",
  "https://[2606:4700:4700::1111]/hook",
  "https://xn--bcher-kva.ch/",
  "https://local.example.org/",
];

const REFUSED: readonly (readonly [what: string, urls: readonly string[]])[] = [
  ["names with empty parts", ["https://.example.org/", "https://a..example.org/"]],
  [
    "other schemes",
    ["http://example.org/", "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "//example.org/", "example.org", ""],
  ],
  [
    "loopback",
    [
      "https://127.0.0.1/",
      "https://127.8.8.8/",
      "https://localhost/",
      "https://a.localhost/",
      "https://[::1]/",
      "https://0.0.0.0/",
      "https://[::]/",
    ],
  ],
  [
    "private networks",
    [
      "https://10.1.2.3/",
      "https://172.16.0.1/",
      "https://172.31.255.255/",
      "https://192.168.1.1/",
      "https://[fd12::1]/",
      "https://[fc00::1]/",
    ],
  ],
  [
    "link-local and metadata",
    [
      "https://169.254.169.254/latest/meta-data",
      "https://[fe80::1]/",
      "https://[fd00:ec2::254]/",
      "https://100.100.100.200/",
      "https://168.63.129.16/",
      "https://192.0.0.192/",
      "https://metadata.google.internal/",
    ],
  ],
  [
    "carrier-grade NAT, benchmarks, documentation, multicast, reserved",
    [
      "https://100.64.0.1/",
      "https://100.127.255.255/",
      "https://198.18.0.1/",
      "https://198.51.100.1/",
      "https://203.0.113.9/",
      "https://192.0.2.1/",
      "https://224.0.0.1/",
      "https://240.0.0.1/",
      "https://255.255.255.255/",
      "https://[2001:db8::1]/",
      "https://[ff02::1]/",
      "https://[3fff::1]/",
    ],
  ],
  [
    "public addresses with a use of their own",
    ["https://192.31.196.1/", "https://192.175.48.1/", "https://192.52.193.1/", "https://[2620:4f:8000::1]/"],
  ],
  ["IPv6 outside global unicast", ["https://[4000::1]/", "https://[e000::1]/", "https://[1fff::1]/"]],
  ["IPv6 addresses of one machine's interface", ["https://[fe80::1%25eth0]/", "https://[2606:4700:4700::1111%25eth0]/"]],
  [
    "IPv4 inside IPv6",
    [
      "https://[::ffff:127.0.0.1]/",
      "https://[::ffff:8.8.8.8]/",
      "https://[::127.0.0.1]/",
      "https://[64:ff9b::7f00:1]/",
      "https://[2002:7f00:1::]/",
      "https://[2001:0:53aa:64c::1]/",
    ],
  ],
  [
    "odd spellings of an IPv4 address",
    [
      "https://2130706433/",
      "https://0x7f000001/",
      "https://0177.0.0.1/",
      "https://127.1/",
      "https://0x08.8.8.8/",
      "https://134744072/",
      "https://127.0.0.1./",
      "https://%31%32%37.0.0.1/",
      "https://１２７.0.0.1/",
      "https://8.8.8.8./",
    ],
  ],
  ["user names", ["https://user@example.org/", "https://user:pass@example.org/", "https://example.org@10.0.0.1/", "https://@example.org/"]],
  ["other ports", ["https://example.org:22/", "https://example.org:80/", "https://example.org:6379/", "https://8.8.8.8:8080/"]],
  [
    "names that are not public",
    [
      "https://router/",
      "https://printer.local/",
      "https://db.internal/",
      "https://nas.lan/",
      "https://host.home.arpa/",
      "https://a.test/",
      "https://x.onion/",
      "https://example.org./",
      "https://LOCALHOST/",
      "https://a.LocalHost/",
    ],
  ],
  [
    "what parsers disagree on",
    [
      "https://example.org\\@10.0.0.1/",
      "https://exam ple.org/",
      "https:example.org",
      "https:///example.org/",
      "https://example.org/\n",
      " https://example.org/",
      "https://example.org/#fragment",
      `https://example.org/${"x".repeat(3_000)}`,
    ],
  ],
];

describe("the address guard", () => {
  test.each(PUBLIC)("allows %s", (url) => {
    expect(guardAddress(url, false).kind).toBe("allowed");
  });

  test.each(REFUSED.flatMap(([what, urls]) => urls.map((url) => [what, url] as const)))("refuses %s: %s", (_what, url) => {
    expect(guardAddress(url, false)).toEqual({ kind: "refused", reason: expect.any(String) });
  });

  test("allows loopback over http on any port in local development, and nothing else more", () => {
    for (const url of ["http://127.0.0.1:8787/hook", "http://localhost:1/", "http://[::1]:9/"]) {
      expect(guardAddress(url, true).kind).toBe("allowed");
    }
    for (const url of [
      "http://192.168.1.1/",
      "http://example.org/",
      "https://10.0.0.1/",
      "https://169.254.169.254/",
      "http://user@127.0.0.1/",
    ]) {
      expect(guardAddress(url, true).kind).toBe("refused");
    }
  });
});

const failing = () => Promise.reject(new Error("no name server"));

const resolved = (addresses: readonly string[]) => guardResolved("https://example.org/", false, () => Promise.resolve(addresses));

describe("the address guard after name resolution", () => {
  test("allows a name whose every address is public", async () => {
    expect((await resolved(["93.184.216.34", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])).kind).toBe("allowed");
  });

  test.each([
    [["10.0.0.1"]],
    [["93.184.216.34", "127.0.0.1"]],
    [["93.184.216.34", "::1"]],
    [["fe80::1"]],
    [["::ffff:10.0.0.1"]],
    [[]],
    [["no address"]],
    [["134744072"]],
    [["0x08.8.8.8"]],
    [["8.8.8"]],
    [["2606:4700:4700::1111%eth0"]],
  ])("refuses a name that leads to %j", async (addresses) => {
    expect((await resolved(addresses)).kind).toBe("refused");
  });

  test("asks for no name where the address is written out, and passes on that a name cannot be resolved", async () => {
    expect((await guardResolved("https://8.8.8.8/", false, failing)).kind).toBe("allowed");
    expect((await guardResolved("http://localhost:9/", true, failing)).kind).toBe("allowed");
    await expect(guardResolved("https://example.org/", false, failing)).rejects.toThrow("no name server");
  });
});
