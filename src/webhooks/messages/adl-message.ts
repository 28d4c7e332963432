import { countOf, textOf, timeOf } from "./figures.ts";
import type { Wording } from "./message.ts";

/** Without a thread: an edit makes no sound, and deleveraging is worse news than the warning before it. */
export const adlWarning: Wording<"adl.warning"> = (warning) => {
  const venue = textOf(warning.exchange) ?? "A venue";
  const symbol = textOf(warning.symbol) ?? "unknown";
  const isRunning = warning.state === "adl";
  return {
    tone: "trouble",
    headline: isRunning ? `${venue} deleverages ${symbol} positions` : `${venue} warns that it may deleverage ${symbol} positions`,
    lines: ["Auto-deleveraging closes winning positions, because the insurance fund cannot bear the losses of liquidated ones."],
    facts: [
      ["Contract", textOf(warning.instrument)],
      ["State before", textOf(warning.previous_state)],
      ["Since", timeOf(warning.since)],
      ["Insurance fund", fund(warning.insurance_fund, warning.insurance_fund_currency)],
    ],
    link: { label: "Open the status", path: "/status" },
  };
};

function fund(balance: unknown, currency: unknown): string | null {
  const amount = countOf(balance);
  return amount === null ? null : [amount, textOf(currency)].filter((part) => part !== null).join(" ");
}
