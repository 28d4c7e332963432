import { expect, test } from "vitest";
import { newsIn } from "../../../scripts/start/log-news.ts";

const NOW = Date.UTC(2026, 10, 28, 12, 5, 9);
const text = (entry: object) => newsIn(JSON.stringify(entry), NOW);

test("connects and losses are news, with how long a venue was away", () => {
  expect(text({ exchange: "okx", event: "gap_ended", from_time: 0, to_time: NOW, reason: "not_started" })).toBe(
    "12:05:09  okx is connected",
  );
  expect(text({ exchange: "okx", event: "gap_ended", from_time: 0, to_time: 12_340, reason: "disconnected" })).toBe(
    "12:05:09  okx is connected again after 12.3 s",
  );
  expect(text({ exchange: "okx", event: "gap_open", reason: "disconnected" })).toBe("12:05:09  okx is not connected: disconnected");
});

test("a spike is news with its sides, and a quiet window is not", () => {
  const numbers = {
    long: { usd: 300_000.4, change_pct: 200 },
    short: { usd: 0, change_pct: null },
    total: { usd: 300_000.4, change_pct: null },
  };
  const spike = { event: "spike_rule", symbol: "BTC", window: "15m", outcome: "spike", sides: ["long", "total"], numbers };
  expect(text(spike)).toBe("12:05:09  spike of BTC in 15m: long 300,000 USD (+200 %), total 300,000 USD (no comparison)");
  expect(text({ ...spike, outcome: "quiet" })).toBeNull();
});

test("everything else is not, and words of others cannot steer the terminal", () => {
  for (const line of ["", "a text", "{broken", '{"event":"job","job":"flush"}', "{}"]) expect(newsIn(line, NOW)).toBeNull();
  expect(text({ event: "socket_ended", exchange: "okx", socket: "public", message: "\u001b[2Jgone" })).toBe(
    "12:05:09  okx public:  [2Jgone",
  );
});
