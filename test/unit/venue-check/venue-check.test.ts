import { spawn } from "node:child_process";
import { text as textOf } from "node:stream/consumers";
import { once } from "node:events";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startVenues, type Venues } from "../../../scripts/simulator/start-venues.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { startTamperedVenue } from "./tampered-venue.ts";

const PROGRAM = resolve(import.meta.dirname, "../../../scripts/venue-check.ts");
const SECONDS = 10;

let venues: Venues;
const stops: (() => void)[] = [];
let reports: ReadonlyMap<string, { readonly report: string; readonly code: number | null }>;

interface Run {
  readonly name: string;
  readonly exchange: ExchangeName;
  /** What the venue's frames are changed to on the way. */
  readonly change?: (text: string) => string;
}

/** Only the program's process can load what the collector's sockets are written for. */
async function check({ exchange, change }: Run) {
  const { urls } = venues[exchange];
  const tampered = change === undefined ? null : await startTamperedVenue(urls.ws, change);
  if (tampered !== null) stops.push(() => tampered.stop());
  const args = ["--exchange", exchange, "--seconds", String(SECONDS), "--url", tampered?.url ?? urls.ws, "--rest-url", urls.rest];
  const { report, errors, code } = await runProgram(args);
  if (errors !== "") throw new Error(errors);
  return { report, code };
}

async function runProgram(args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  const [report, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const [code] = (await ended) as [number | null];
  return { report, errors, code };
}

const RUNS: readonly Run[] = [
  { name: "bybit", exchange: "bybit" },
  { name: "htx, compressed", exchange: "htx" },
  { name: "kucoin, without liquidations", exchange: "kucoin" },
  {
    name: "bybit with swapped sides",
    exchange: "bybit",
    change: (text) =>
      text.includes('"allLiquidation')
        ? text.replaceAll(/"S":"(Buy|Sell)"/g, (_whole, side) => `"S":"${side === "Buy" ? "Sell" : "Buy"}"`)
        : text,
  },
  {
    name: "bitget with amounts in coins",
    exchange: "bitget",
    change: (text) =>
      text.replaceAll(/"price":"([\d.]+)","amount":"([\d.]+)"/g, (_whole, price: string, amount: string) => {
        const coins = Number((Number(amount) / Number(price)).toFixed(4));
        return `"price":"${price}","amount":"${coins}"`;
      }),
  },
];

/** Liquidations of both sides of each contract, several a second. */
function liquidateOn(): () => void {
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    const symbol = ["BTC", "ETH", "SOL"][count % 3] ?? "BTC";
    const side = count % 2 === 0 ? "long" : "short";
    for (const { exchange } of RUNS) venues[exchange].liquidate({ symbol, side, usd: 20_000 + 137 * count });
  }, 100);
  return () => clearInterval(timer);
}

beforeAll(async () => {
  venues = await startVenues({ rate: 0, seed: 3 });
  stops.push(liquidateOn());
  reports = new Map(await Promise.all(RUNS.map(async (run) => [run.name, await check(run)] as const)));
}, 60_000);

afterAll(async () => {
  for (const stop of stops) stop();
  await venues.stop();
});

const reportOf = (name: string) => reports.get(name) ?? { report: "", code: null };

test.each(["bybit", "htx, compressed", "kucoin, without liquidations"])("nothing is contradicted at the simulator: %s", (name) => {
  const { report, code } = reportOf(name);
  expect(report).toContain(", 0 contradicted, ");
  expect(report).not.toContain("**contradicted");
  expect(code).toBe(0);
  expect(report).toMatch(/\| Session \| The socket `\w+` opens, and delivers\. \| seen \|/);
  expect(report).toContain("| Frames | Every frame can be read, and every value is plausible. | seen |");
});

test("a venue that behaves as its page says has its claims seen, with numbers and channels", () => {
  const { report } = reportOf("bybit");
  for (const claim of [
    "Subscriptions of `linear` to liquidations are confirmed. | seen | 8 of 8 |",
    "Orders that close longs are priced below the market, those that close shorts above it. | seen |",
    "Prices of the kind bankruptcy are within 3000 bps of the mark. | seen |",
    "The built-in sizes of contracts are those of the venue's table. | seen |",
  ]) {
    expect(report).toContain(claim);
  }
  expect(report).toMatch(/\| `allLiquidation\.\{symbol\}` \| documented, [^|]*\| seen \d+ times \|/);
  expect(report).toMatch(/\| `GET \/v5\/market\/instruments-info` \| documented \| seen \d+ times \|/);
  expect(reportOf("kucoin, without liquidations").report).toContain("| Coverage | `none`: ");
});

test("a report has no token of a handshake and no query of an address", () => {
  for (const { report } of reports.values()) expect(report).not.toMatch(/token=|connectId|\?/);
});

test("a venue whose sides are swapped is named", () => {
  const { report, code } = reportOf("bybit with swapped sides");
  expect(report).toContain(
    "- **Contradicted:** Orders that close longs are priced below the market, those that close shorts above it. 0 of ",
  );
  expect(code).toBe(1);
});

test("a venue whose amounts are coins where they are taken as worth is named", () => {
  const { report, code } = reportOf("bitget with amounts in coins");
  expect(report).toContain("- **Contradicted:** Sizes, in contracts or coins as the adapter reads them, are multiples of a decimal step.");
  expect(code).toBe(1);
});

test("a base asset of which the venue's table has no contract ends the check at once, named, and without a report", async () => {
  const { ws, rest } = venues.gate.urls;
  const args = ["--exchange", "gate", "--url", ws, "--rest-url", rest, "--symbols", "BTC,NOPE"];
  const { report, errors, code } = await runProgram(args);
  expect([report, code]).toEqual(["", 1]);
  expect(errors).toMatch(/^--symbols: the table of Gate.* has no trading contract of NOPE\n$/);
});
