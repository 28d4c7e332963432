import type { Rule } from "../../api/schema.ts";

/** When a rule delivers, each setting in words: `quiet from 22:00 to 07:00 (UTC+01:00)`. Empty where it delivers at once and never escalates. */
export function deliveryTexts(rule: Pick<Rule, "escalate_after_s" | "quiet_hours" | "digest_minutes">): readonly string[] {
  const { escalate_after_s: escalation, quiet_hours: quiet, digest_minutes: digest } = rule;
  return [
    ...(escalation === null ? [] : [`escalates after ${secondsText(escalation)}`]),
    ...(quiet === null ? [] : [`quiet from ${quiet.start} to ${quiet.end} (${offsetText(quiet.utc_offset_minutes)})`]),
    ...(digest === null ? [] : [`a digest every ${digest} min`]),
  ];
}

/** `UTC+05:30` */
export function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) => String(part).padStart(2, "0"));
  return minutes === 0 ? "UTC" : `UTC${minutes < 0 ? "−" : "+"}${hours}:${rest}`;
}

/** What the deliveries of a rule reach. */
export function endpointsText(endpoints: number): string {
  if (endpoints === 0) return "No webhook endpoint of this key receives its events, so nothing is sent: what happens is only listed here.";
  return `What happens is delivered to ${endpoints === 1 ? "one webhook endpoint" : `${endpoints} webhook endpoints`}, and listed here.`;
}

/** Whether the hub follows a rule, in words. */
export function stateText({ enabled, followed }: Pick<Rule, "enabled" | "followed">): string {
  if (!enabled) return "paused";
  return followed ? "followed" : "not followed: its key has ended, or its text cannot be read";
}

function secondsText(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
