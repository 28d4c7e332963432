import { sizeOf } from "../../rules/happening-size.ts";
import type { RuleHappening } from "../../rules/live-rule.ts";
import { LIQUIDATION_NAMED_BY, type RuleLiquidation, isSumOverVenues, ruleField } from "../../rules/rule-fields.ts";
import type { EventData, QueuedEvent, RuleCounts } from "../event.ts";
import { sumCoverage, venueCoverage } from "./coverage-word.ts";
import { countOf, listOf, numberOf, textOf, timeOf, usdOf, valueText } from "./figures.ts";
import { sideWords } from "./positions.ts";
import type { DraftFact, Loose, MessageDraft, ThreadRole, Wording } from "./message.ts";

/** A rule's own fields say more than its text where a chat shows few. */
const MAX_VALUES = 6;
/** The others are plain from the name of the field. */
const SHOWN_UNITS: ReadonlySet<string> = new Set(["USD", "USD per second", "bps", "s", "ms"]);
const RULES = { label: "Open the rules", path: "/rules" } as const;

interface News {
  readonly rule_id: unknown;
  readonly symbol: unknown;
  readonly name: unknown;
  readonly rule: unknown;
  readonly time: unknown;
  readonly values: unknown;
  readonly liquidation_id: unknown;
  readonly silent_exchanges: unknown;
  readonly exchanges: unknown;
  readonly not_sent: unknown;
}

export const ruleFired: Wording<"rule.fired"> = (news, event) => ({ ...newsOf(news, event, "fired"), ...threadOf(news, "first") });
export const ruleEscalated: Wording<"rule.escalated"> = (news, event) => ({
  ...newsOf(news, event, "still holds"),
  ...threadOf(news, "reply"),
  tone: "trouble",
});
export const ruleUndetermined: Wording<"rule.undetermined"> = (news, event) => newsOf(news, event, "undetermined, as a field is unknown");

export const ruleDigest: Wording<"rule.digest"> = (digest) => ({
  headline: `${textOf(digest.name) ?? "A rule"}: ${happened(digest)}`,
  facts: [
    ["Largest", largestOf(digest.largest)],
    ["Coverage", digestCoverage(digest)],
    ["First", timeOf(digest.from_time)],
    ["Last", timeOf(digest.to_time)],
    ["Not sent", omitted(digest.not_sent)],
    ["Rule", textOf(digest.rule)],
  ],
  link: RULES,
});

function newsOf(news: Loose<News>, { symbol }: QueuedEvent, what: string): MessageDraft {
  const liquidation = liquidationIn(news);
  const side = sideWords(liquidation?.position_side);
  const said = `${textOf(news.name) ?? "A rule"}: ${what}`;
  const about = liquidation === null ? symbol : liquidated(symbol, liquidation);
  const sums = hasSums(news.values) ? sumCoverage(news.exchanges, news.silent_exchanges) : null;
  return {
    tone: side?.tone ?? "quiet",
    headline: `${side?.arrow ?? ""}${about === null ? "" : `${about} · `}${said}`,
    facts: [
      ...valuesOf(news.values, liquidation === null ? [] : LIQUIDATION_NAMED_BY),
      ["Coverage", liquidation === null ? sums : venueCoverage(liquidation.exchange)],
      ["Coverage of sums", liquidation === null ? null : sums],
      ["Not connected", sums === null ? listOf(news.silent_exchanges) : null],
      ["Not sent", omitted(news.not_sent)],
      ["Rule", textOf(news.rule)],
      ["Time", timeOf(news.time)],
    ],
    link:
      liquidation === null || symbol === null ? RULES : { label: "Open the live market", path: `/?symbol=${encodeURIComponent(symbol)}` },
  };
}

/** Each base asset of a rule stands for itself, so its escalation replies to its own firing. */
function threadOf({ rule_id: id, symbol }: Loose<News>, role: ThreadRole): Pick<MessageDraft, "thread" | "role"> {
  const text = textOf(id);
  return text === null ? {} : { thread: ["rule", text, textOf(symbol) ?? ""].join(":"), role };
}

/** The liquidation that a rule about single ones fired for; null for a rule about anything else. */
function liquidationIn({ liquidation_id: id, values }: Loose<Pick<News, "liquidation_id" | "values">>): Loose<RuleLiquidation> | null {
  return textOf(id) === null || typeof values !== "object" ? null : values;
}

/** `BTC long liquidated: $1.23M on okx at 60,000`. Its quote is not always the dollar. */
function liquidated(symbol: string | null, { exchange, position_side, usd_value, price }: Loose<RuleLiquidation>): string {
  const [venue, at] = [textOf(exchange), numberOf(price) === null ? null : valueText(price)];
  const who = [...(symbol === null ? [] : [symbol]), sideWords(position_side)?.position ?? "position"].join(" ");
  const size = usdOf(usd_value) ?? "unknown size";
  return `${who} liquidated: ${size}${venue === null ? "" : ` on ${venue}`}${at === null ? "" : ` at ${at}`}`;
}

/** Whether a rule has a sum over venues, which is a lower bound where one of them publishes a part. */
function hasSums(values: unknown): boolean {
  return typeof values === "object" && values !== null && Object.keys(values).some((name) => isSumOverVenues(fieldNameOf(name)));
}

/** The largest of what a digest holds. */
function largestOf(largest: unknown): string | null {
  if (typeof largest !== "object" || largest === null) return null;
  const happening: Loose<RuleHappening> = largest;
  const symbol = textOf(happening.symbol);
  const liquidation = liquidationIn(happening);
  if (liquidation !== null) return liquidated(symbol, liquidation);
  const size = sizeOf(happening);
  return size === null ? null : `${symbol === null ? "" : `${symbol}: `}${size.field} ${usdOf(size.usd) ?? ""}`;
}

/**
 * The coverage of its largest liquidation, or of its sums where a venue may have been silent in any of them. `events` are only the
 * latest ones; a digest that was queued before 2026-11-29 has no more.
 */
function digestCoverage({ largest, events, exchanges, silent_exchanges: ofAll }: Loose<EventData["rule.digest"]>): string | null {
  const happenings: readonly Loose<RuleHappening>[] = Array.isArray(events) ? events : [];
  const listed: readonly Loose<RuleHappening>[] = [...happenings, ...(typeof largest === "object" && largest !== null ? [largest] : [])];
  const silent = [ofAll, ...listed.map(({ silent_exchanges: gone }) => gone)].flatMap((gone): unknown[] =>
    Array.isArray(gone) ? gone : [],
  );
  if (happenings.some(({ values }) => hasSums(values))) return sumCoverage(exchanges, silent);
  if (typeof largest !== "object" || largest === null) return null;
  return venueCoverage(liquidationIn(largest)?.exchange);
}

/** The fields of a rule as they were, without those that the headline has. */
function valuesOf(values: unknown, inHeadline: readonly string[]): readonly DraftFact[] {
  if (typeof values !== "object" || values === null) return [];
  return Object.entries(values)
    .filter(([name]) => !inHeadline.includes(name))
    .slice(0, MAX_VALUES)
    .map(([name, value]: readonly [string, unknown]): DraftFact => [name.slice(0, 40), `${valueText(value)}${unitOf(name, value)}`]);
}

/** Of a percentile such as `p99(long_usd_5m, 7d)`, the name of the field that it is of. */
function fieldNameOf(name: string): string {
  return /^p[\d.]+\((\w+),/.exec(name)?.[1] ?? name;
}

/** Of a percentile, the unit of the field that it is of. */
function unitOf(name: string, value: unknown): string {
  if (numberOf(value) === null) return "";
  const unit = ruleField(fieldNameOf(name))?.unit ?? "";
  return SHOWN_UNITS.has(unit) ? ` ${unit}` : "";
}

/** What happened in the time of a digest: `fired 3 times (BTC 2, ETH 1)`. */
function happened({ fired, undetermined, by_symbol: bySymbol }: Loose<EventData["rule.digest"]>): string {
  const counts: readonly Loose<RuleCounts>[] = Array.isArray(bySymbol) ? bySymbol : [];
  const part = (what: "fired" | "undetermined", count: unknown) => {
    if (numberOf(count) === 0) return [];
    const own = counts.flatMap((one) => (numberOf(one[what]) === 0 ? [] : [`${textOf(one.symbol) ?? ""} ${countOf(one[what]) ?? ""}`]));
    return [`${what} ${times(count)}${own.length === 0 ? "" : ` (${own.join(", ")})`}`];
  };
  const parts = [...part("fired", fired), ...part("undetermined", undetermined)];
  return parts.length === 0 ? "nothing happened" : parts.join(", ");
}

function times(value: unknown): string {
  const count = countOf(value) ?? "some";
  return count === "1" ? "once" : `${count} times`;
}

function omitted(value: unknown): string | null {
  const count = numberOf(value);
  return count === null || count === 0 ? null : `${countOf(count) ?? ""} more within the hour`;
}
