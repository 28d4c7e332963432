import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CASCADE_CONSTANTS } from "../../../src/cascade/cascade-record.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { VENUE_COUNT } from "../../../src/exchanges/venue-count.ts";
import { ONE_FILE_ROWS } from "../../../src/exports/export-request.ts";
import { LATE_FRAMES_MS, MAX_MARKET_DISTANCE_MS } from "../../../src/lateness.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import { HORIZON_NAMES } from "../../../src/grades/grade.ts";
import { MIN_DRAWS } from "../../../src/grades/random-times.ts";
import { MIN_SAMPLES } from "../../../src/grades/venue-mark.ts";
import { MIN_GRADED } from "../../../src/scoreboard/calibration.ts";
import { MUTED_UNDER, UNMUTED_AT } from "../../../src/scoreboard/muting.ts";
import { MIN_SHOWN } from "../../../src/scoreboard/return-score.ts";
import { MAX_ATTEMPTS } from "../../../src/webhooks/retry-schedule.ts";
import { MIN_UPTIME_SHARE } from "../../../src/windows/uptime-share.ts";
import { WINDOWS } from "../../../src/windows/window.ts";
import { subscribingFrames } from "../exchanges/frame-reading.ts";
import { ROOT, readPage, section } from "./markdown.ts";

/** As people write it: 1,000,000. */
const written = (value: number) => value.toLocaleString("en-US");
const percent = (share: number) => `${Math.round(100 * share)} %`;

const { floor_usd: floor, ...cascade } = CASCADE_CONSTANTS;

describe("what a page says is what the code does", () => {
  test.each([
    [
      "docs/methodology.md",
      "the floors of a cascade",
      `${written(floor["BTC"] ?? 0)} USD for BTC, ${written(floor["ETH"] ?? 0)} for ETH, ${written(floor["SOL"] ?? 0)} for SOL and ${written(floor["*"] ?? 0)} for all others`,
    ],
    [
      "docs/methodology.md",
      "when a cascade builds",
      `The last ${cascade.window_s} seconds hold at least ${cascade.min_events} events and the floor in USD, and the velocity reaches the ${100 * cascade.velocity_quantile}th percentile`,
    ],
    [
      "docs/methodology.md",
      "when it is active",
      `at least ${cascade.move_sigmas}σ√${cascade.window_s} s in the direction of the forced flow, and this side has at least ${percent(cascade.side_dominance)}`,
    ],
    ["docs/methodology.md", "when it cools", `under half its peak for ${cascade.cooling_s} seconds`],
    ["docs/methodology.md", "when it ends", `For ${cascade.end_s} seconds no event came`],
    [
      "docs/methodology.md",
      "when it is market-wide",
      `when three base assets are active on the same side within ${cascade.market_wide_s} seconds`,
    ],
    [
      "docs/methodology.md",
      "when an event is too late or too early for market fields",
      `more than ${MAX_MARKET_DISTANCE_MS / 1000} seconds after its own time, or is dated more than ${MAX_MARKET_DISTANCE_MS / 1000} seconds ahead, has no market fields`,
    ],
    ["docs/methodology.md", "when a window ends", `the start of the minute minus ${LATE_FRAMES_MS / 1000} seconds`],
    [
      "docs/methodology.md",
      "what windows there are",
      Object.keys(WINDOWS)
        .map((name) => name.replace(/(\d+)/, "$1 "))
        .join(", ")
        .replace(/, ([^,]*)$/, " and $1"),
    ],
    ["docs/methodology.md", "how much of a window must be covered", `over venues with at least ${percent(MIN_UPTIME_SHARE)} of the USD`],
    ["docs/methodology.md", "when a venue has enough mark prices", `with at least ${MIN_SAMPLES} mark prices in the minute`],
    ["docs/methodology.md", "how many random times say something", `Under ${MIN_DRAWS} draws`],
    [
      "docs/methodology.md",
      "the horizons",
      HORIZON_NAMES.map((name) => name.replace(/(\d+)/, "$1 "))
        .join(", ")
        .replace(/, ([^,]*)$/, " and $1"),
    ],
    ["docs/methodology.md", "how many grades calibration needs", `Under ${MIN_GRADED} graded decisions it is null`],
    ["docs/methodology.md", "when paper ends and begins", `ends at a wealth of ${UNMUTED_AT} and begins again under ${MUTED_UNDER}`],
    ["docs/methodology.md", "how many grades are shown", `Under ${MIN_SHOWN} graded decisions every figure is null`],
    ["docs/webhooks.md", "the attempts of a delivery", `${["eight", "nine", "ten", "eleven"][MAX_ATTEMPTS - 8]} attempts in all`],
    ["docs/exports.md", "how large a file gets", `Up to ${written(ONE_FILE_ROWS)} rows are one file`],
    ["README.md", "the number of venues", `It connects to ${VENUE_COUNT} perpetual-futures venues`],
    ["docs/architecture.md", "the number of venues", `forced liquidations from ${VENUE_COUNT} venues`],
    ["docs/getting-started.md", "the number of venues", `${VENUE_COUNT} servers that speak the venues' real protocols`],
    ["docs/data-dictionary.md", "the number of fields", `the same ${LIQUIDATION_FIELDS.length} fields everywhere`],
  ])("%s: %s", (path, _what, sentence) => {
    expect(readPage(path).prose.replaceAll(/\s+/g, " ")).toContain(sentence);
  });

  test("docs/mcp.md lists every tool", () => {
    const tools = [...readFileSync(join(ROOT, "workers/mcp/tools.ts"), "utf8").matchAll(/^ {4}name: "(\w+)"/gm)].map(([, name]) => name);
    const listed = [...readPage("docs/mcp.md").text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(tools.length).toBeGreaterThan(5);
    expect(listed.toSorted()).toEqual(tools.toSorted());
  });
});

describe("docs/venues.md", () => {
  const page = readPage("docs/venues.md");
  const glance = section(page, "## Coverage at a glance");

  /** A channel with the instrument's name taken out: `<symbol>@forceOrder` as `@forceOrder`. */
  const CHANNELS: Readonly<Record<string, (frame: string) => readonly string[]>> = {
    binance: (url) =>
      decodeURIComponent(url.split("streams=")[1] ?? "")
        .split("/")
        .map((stream) => stream.replace(/^[a-z0-9]+@/, "<symbol>@")),
    bybit: (frame) => (JSON.parse(frame) as { args: string[] }).args.map((topic) => topic.replace(/\.[^.]+$/, ".{symbol}")),
    okx: (frame) => (JSON.parse(frame) as { args: { channel: string }[] }).args.map(({ channel }) => channel),
    kucoin: (frame) => {
      const { topic, channel = "" } = JSON.parse(frame) as { topic?: string; channel?: string };
      return [topic?.split(":")[0] ?? channel];
    },
    bitfinex: (frame) => {
      const { event, channel = "", key = "" } = JSON.parse(frame) as { event: string; channel?: string; key?: string };
      return event === "subscribe" ? [channel, ...(key === "" ? [] : [key.replace(/t[A-Z0-9]+:.*/, "{symbol}")])] : [];
    },
    deribit: (frame) => {
      const { method, params } = JSON.parse(frame) as { method: string; params: { channels?: string[] } };
      return (params.channels ?? [method]).map((channel) => channel.replace(/\.[^.]+\./, ".{instrument}."));
    },
    bitmex: (frame) => (JSON.parse(frame) as { args: string[] }).args.map((topic) => topic.replace(/:.*/, "")),
    aster: (url) =>
      (url.split("streams=")[1] ?? "").split("/").map((stream) => decodeURIComponent(stream).replace(/^[a-z0-9]+@/, "<symbol>@")),
    gate: (frame) => [(JSON.parse(frame) as { channel: string }).channel],
    bitget: (frame) => (JSON.parse(frame) as { args: { topic: string }[] }).args.map(({ topic }) => topic),
    htx: (frame) => {
      const { topic, sub } = JSON.parse(frame) as { topic?: string; sub?: string };
      return [(topic ?? sub ?? "").replace(/[A-Z]+-USDT/, "{contract}")];
    },
    lighter: (frame) => [(JSON.parse(frame) as { channel: string }).channel.replace(/\d+$/, "{market}")],
  };

  test.each(Object.values(exchanges))("$name: names its coverage and every channel that is subscribed", async (exchange) => {
    const { name, coverage, lagResolutionMs } = exchange;
    const line = glance.split("\n").find((row) => row.startsWith(`| \`${name}\``)) ?? "";
    expect(line).toContain(`\`${coverage}\``);
    expect(line).toContain(`${written(lagResolutionMs)} ms`);

    const heading = page.text.split("\n").find((row) => row.toLowerCase() === `## ${name}`) ?? "";
    const evidence = section(page, heading);
    const channels = new Set<string>();
    for (const symbols of [new Set(["BTC"]), "*"] as const) {
      const scope = { symbols, inferred: true, instruments: new Map(exchange.fallbackInstruments.map((one) => [one.instrument, one])) };
      for (const plan of exchange.sockets(scope, { ws: "https://venue.example", rest: "https://venue.example" })) {
        const frames =
          name === "binance" || name === "aster"
            ? [(await plan.address(() => Promise.reject(new Error("not asked")), "id")).url]
            : subscribingFrames(plan);
        for (const channel of frames.flatMap((frame) => CHANNELS[name]?.(frame) ?? [])) channels.add(channel);
      }
    }
    expect(channels.size).toBeGreaterThan(1);
    expect([...channels].filter((channel) => !evidence.includes(`\`${channel}\``))).toEqual([]);
  });
});
