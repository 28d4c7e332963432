import { signal } from "@preact/signals";
import { EXAMPLE_RULES } from "../../../../src/rules/example-rules.ts";
import { parseRule } from "../../../../src/rules/parse-rule.ts";
import { RuleError } from "../../../../src/rules/rule-error.ts";
import { isOfLiquidations } from "../../../../src/rules/rule-tree.ts";
import type { NewRule, Rule } from "../../api/schema.ts";

/** The rule in the editor. */
export interface RuleDraft {
  /** The rule that is edited; null for a new one. */
  readonly id: string | null;
  readonly name: string;
  readonly text: string;
  readonly symbols: string;
  /** As their fields hold them; empty for none. */
  readonly escalateAfterS: string;
  readonly quietStart: string;
  readonly quietEnd: string;
  readonly digestMinutes: string;
  /** Of the quiet hours, from UTC, positive in the east. */
  readonly utcOffsetMinutes: string;
}

const [FIRST] = EXAMPLE_RULES;

export const draft = signal<RuleDraft>({
  id: null,
  name: FIRST?.name ?? "",
  text: FIRST?.rule ?? "",
  symbols: "BTC",
  escalateAfterS: "",
  quietStart: "",
  quietEnd: "",
  digestMinutes: "",
  utcOffsetMinutes: visitorsOffset(),
});

/** The offset of the visitor's own time. */
function visitorsOffset(): string {
  return String(-new Date().getTimezoneOffset() || 0);
}

/** Raised when a rule was saved or deleted: the list is asked again. */
export const rulesChanged = signal(0);

export function editRule({ id, name, rule, symbols, escalate_after_s, quiet_hours, digest_minutes }: Rule): void {
  draft.value = {
    id,
    name,
    text: rule,
    symbols: symbols.join(", "),
    escalateAfterS: escalate_after_s === null ? "" : String(escalate_after_s),
    quietStart: quiet_hours?.start ?? "",
    quietEnd: quiet_hours?.end ?? "",
    digestMinutes: digest_minutes === null ? "" : String(digest_minutes),
    utcOffsetMinutes: quiet_hours === null ? visitorsOffset() : String(quiet_hours.utc_offset_minutes),
  };
}

/** Whether a rule lasts, as an escalation needs it; true for a text that cannot be read. */
export function canEscalate(text: string): boolean {
  try {
    return !isOfLiquidations(parseRule(text));
  } catch (error) {
    if (error instanceof RuleError) return true;
    throw error;
  }
}

/** What is wrong with the quiet hours; null where they are whole or there are none. */
export function deliveryMistake({ quietStart, quietEnd, utcOffsetMinutes }: RuleDraft): string | null {
  if ((quietStart === "") !== (quietEnd === "")) return "Quiet hours need both a start and an end.";
  if (quietStart === "") return null;
  if (quietStart === quietEnd) return "Quiet hours must not start when they end.";
  return utcOffsetMinutes === "" ? "Quiet hours need the offset of their time from UTC." : null;
}

/** What is wrong with the text of a rule; null where it can be read. */
export function mistakeIn(text: string): RuleError | null {
  try {
    parseRule(text);
    return null;
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
}

/** The base assets of a field, as the API takes them. */
export function symbolsOf({ symbols }: RuleDraft): string[] {
  return symbols
    .toUpperCase()
    .split(/[\s,]+/)
    .filter(Boolean);
}

/** Every setting, so that a change also takes away what is empty now. */
export function bodyOf(of: RuleDraft): NewRule {
  const quiet = { start: of.quietStart, end: of.quietEnd, utc_offset_minutes: Number(of.utcOffsetMinutes) };
  return {
    name: of.name,
    rule: of.text,
    symbols: symbolsOf(of),
    escalate_after_s: escalationOf(of),
    quiet_hours: of.quietStart === "" ? null : quiet,
    digest_minutes: numberOf(of.digestMinutes),
  };
}

/** Seconds; null for never. */
export function escalationOf({ text, escalateAfterS }: RuleDraft): number | null {
  return canEscalate(text) ? numberOf(escalateAfterS) : null;
}

function numberOf(text: string): number | null {
  return text === "" ? null : Number(text);
}
