import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { ExampleRule } from "../../../src/rules/example-rules.ts";
import type { LoggedHappening, RuleHappening } from "../../../src/rules/live-rule.ts";
import type { SideGrade } from "../../../src/rules/preview-grades.ts";
import type { ShownRule } from "../../rules/rule-endpoints.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const EXAMPLE = "long_usd_5m > p99(long_usd_5m, 7d) and spread_bps < 5 for 30s cooldown 15m";

const quietHours = z
  .object({
    start: z.string().meta({ description: "Local time of day at which they start.", examples: ["22:00"] }),
    end: z.string().meta({ description: "Local time of day at which they end.", examples: ["07:00"] }),
    utc_offset_minutes: z.int().meta({ description: "Offset of the local time from UTC, minutes, positive in the east.", examples: [60] }),
  })
  .meta({
    id: "QuietHours",
    description: "Hours of the day in which a rule collects what happens and delivers it afterwards as one rule.digest.",
  });

export const ruleSchema = z
  .object({
    id: z.string().meta({ description: "Id of the rule.", examples: ["rul_3f0c9a6de2b84c51a7d4e8f29b60c135"] }),
    owner: z.string().meta({ description: "Id of the API key that created the rule, or admin.", examples: ["admin"] }),
    name: z.string().meta({ description: "Name of the rule.", examples: ["Longs over their 99th percentile"] }),
    rule: z.string().meta({ description: "The rule in the language of rules.", examples: [EXAMPLE] }),
    symbols: z.array(z.string()).meta({ description: "Base assets that the rule is looked at for.", examples: [["BTC"]] }),
    enabled: z.boolean().meta({ description: "False where the rule is switched off.", examples: [true] }),
    followed: z.boolean().meta({
      description:
        "True while the hub follows the rule: it is enabled, its API key is valid and has the scope, and this version can read its text.",
      examples: [true],
    }),
    endpoints: z
      .int()
      .min(0)
      .meta({
        description: "Number of webhook endpoints of its owner that receive events which the rule can make: with 0 nothing is sent.",
        examples: [1],
      }),
    escalate_after_s: z
      .int()
      .nullable()
      .meta({
        description: "Seconds after it fired in which its condition has to go on holding until it escalates; null for never.",
        examples: [600],
      }),
    quiet_hours: quietHours.nullable().meta({ description: "Quiet hours; null for none. Escalations are delivered at once." }),
    digest_minutes: z
      .int()
      .nullable()
      .meta({ description: "Deliveries of so many minutes are collected into one rule.digest; null for each at once.", examples: [null] }),
    version: timeMs.meta({
      description: "Time at which its rule, base assets or escalation last changed, or at which it was switched on: it then starts again.",
    }),
    created_time: timeMs,
  } satisfies FieldsOf<ShownRule>)
  .meta({ id: "Rule", description: "A rule." });

export const ruleFieldSchema = z
  .object({
    name: z.string().meta({ description: "Name of the field.", examples: ["long_usd_5m"] }),
    group: z.enum(["liquidation", "market", "window", "cascade", "feed"]).meta({
      description:
        "Subject of the field. A rule with a field of liquidation is looked at for each liquidation, any other second by second.",
      examples: ["window"],
    }),
    unit: z.string().meta({ description: "Unit.", examples: ["USD"] }),
    values: z
      .array(z.string())
      .nullable()
      .meta({ description: "Values of a field of text; null where the field is a number.", examples: [null] }),
    percentiles: z.boolean().meta({ description: "True where a rule may use percentiles of the field.", examples: [true] }),
    description: z
      .string()
      .meta({ description: "Meaning of the field.", examples: ["USD of the liquidations of longs in the last 5 min over all venues."] }),
  })
  .meta({ id: "RuleField", description: "A field that rules may use." });

export const ruleLanguageSchema = z
  .object({
    fields: z.array(ruleFieldSchema),
    examples: z.array(
      z
        .object({
          name: z.string().meta({ description: "Name.", examples: ["Cascade started"] }),
          rule: z.string().meta({ description: "The rule.", examples: ["long_cascade = 1 or short_cascade = 1"] }),
          description: z.string().meta({ description: "Meaning of the rule.", examples: ["A cascade of either side runs."] }),
        } satisfies FieldsOf<ExampleRule>)
        .meta({ id: "ExampleRule", description: "A rule to start from." }),
    ),
    max_parts: z.int().meta({ description: "Maximum number of fields, numbers, texts and operators in a rule.", examples: [64] }),
    max_rules: z.int().meta({ description: "Maximum number of rules of one API key.", examples: [20] }),
  })
  .meta({ id: "RuleLanguage", description: "The fields, functions and operators that rules are made of." });

const values = z.record(z.string(), z.union([z.number(), z.string(), z.null()])).meta({
  description:
    "Fields and percentiles of the rule at that time, and exchange, position_side, usd_value and price of the liquidation that it is about; null where unknown.",
  examples: [{ long_usd_5m: 4_210_000, "p99(long_usd_5m, 7d)": 2_950_000, spread_bps: 1.2 }],
});
const symbol = z.string().meta({ description: "Base asset.", examples: ["BTC"] });
const time = timeMs.meta({ description: "End of the second in which it happened, milliseconds since 1970 UTC." });
const liquidationId = z
  .string()
  .nullable()
  .meta({ description: "Id of the liquidation that it is about; null where the rule is not about single ones.", examples: [null] });
const silentExchanges = z
  .array(z.enum(EXCHANGES))
  .meta({ description: "Collected venues that were not connected then: sums over venues lack what they had.", examples: [[]] });
const kind = z.enum(["fired", "escalated", "undetermined"]).meta({
  description:
    "Kind of the event. fired: the condition held for as long as the rule asks. escalated: it went on holding for escalate_after_s. undetermined: a field that decides is unknown.",
  examples: ["fired"],
});

/** Fields of something that happened to a rule. */
export const ruleHappening = {
  kind,
  symbol,
  time,
  values,
  liquidation_id: liquidationId,
  silent_exchanges: silentExchanges,
} satisfies FieldsOf<RuleHappening>;

export const ruleEventSchema = z
  .object({
    id: z.string().meta({
      description: "Id of the event, that of its webhook event too.",
      examples: ["rule.fired:rul_3f0c9a6de2b84c51a7d4e8f29b60c135:BTC:1795251900000"],
    }),
    ...ruleHappening,
    release_time: timeMs.meta({ description: "Time at which it is delivered: later in quiet hours and with digests." }),
    omitted: z.boolean().meta({
      description: "True where it is not delivered, because more than 60 came within an hour.",
      examples: [false],
    }),
  } satisfies FieldsOf<LoggedHappening>)
  .meta({ id: "RuleEvent", description: "Something that happened to a rule." });

const share = (description: string, example: number) =>
  z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .meta({ description, examples: [example] });
const bps = (description: string, example: number) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [example] });
const sideGradeSchema = z
  .object({
    trades: z.int().meta({ description: "Number of graded trades.", examples: [12] }),
    episodes: z
      .int()
      .meta({ description: "Number of periods of four hours with a trade: trades of one are not independent.", examples: [7] }),
    mean_net_bps: bps("Mean return over an hour after cost, bps; null without a trade.", -3.1),
    hit_rate: bps("Share of the trades that earned something after cost; null without a trade.", 0.42),
    interval_low_bps: bps("Lower end of the 95 % interval of the mean, by episode, bps; null with fewer than 10 episodes.", -11.4),
    interval_high_bps: bps("Upper end of that interval, bps.", 5.2),
  } satisfies FieldsOf<SideGrade>)
  .meta({ id: "RuleSideGrade", description: "The outcome of trades on one side, after cost." });

export const previewSchema = z
  .object({
    rule: z.string().meta({ description: "The rule as it was read.", examples: [EXAMPLE] }),
    parts: z.int().meta({ description: "Number of its fields, numbers, texts and operators.", examples: [9] }),
    start_time: timeMs.meta({ description: "Start of the range, milliseconds since 1970 UTC.", examples: [1_795_165_500_000] }),
    end_time: timeMs.meta({
      description: "End of the range, milliseconds since 1970 UTC: earlier than asked for where there were too many liquidations.",
    }),
    fired: z.int().meta({ description: "Number of times that it would have fired.", examples: [9] }),
    escalated: z.int().meta({ description: "Number of times that it would have escalated.", examples: [0] }),
    undetermined: z.int().meta({ description: "Number of times that it would have said that it is undetermined.", examples: [1] }),
    held_share: share("Share of the times it was looked at that its condition held; null where it was not looked at.", 0.02),
    undetermined_share: share(
      "Share of the times it was looked at that its condition was undetermined, because a field was unknown; null where it was not looked at.",
      0.01,
    ),
    liquidations: z.int().meta({ description: "Number of liquidations that were read.", examples: [140_000] }),
    busiest_hour: z
      .object({ start_time: timeMs, fired: z.int() })
      .nullable()
      .meta({ description: "The hour in which it would have fired most; null where it would not have." }),
    too_often: z.boolean().meta({ description: "True where the rule fires so often in an hour that it is refused.", examples: [false] }),
    missing: z.array(z.object({ start_time: timeMs.meta({ examples: [1_795_165_500_000] }), end_time: timeMs })).meta({
      description: "Stretches that no store has: every field was unknown in them, percentiles only where their period has a part of one.",
    }),
    events: z
      .array(z.object(ruleHappening).meta({ id: "PreviewedRuleEvent", description: "Something that would have happened to the rule." }))
      .meta({ description: "The latest 200 of what would have happened, newest first." }),
    grades: z
      .object({
        horizon: z.literal("1h"),
        graded: z
          .int()
          .meta({ description: "Number of times that it would have fired for which there are grades: of the latest 100.", examples: [9] }),
        ungraded: z.int().meta({
          description:
            "Number of those of the latest 100 without: their hour is not over, mark prices are missing, or a part of the cost is unknown.",
          examples: [0],
        }),
        buy: sideGradeSchema.meta({ description: "Buying each time." }),
        sell: sideGradeSchema.meta({ description: "Selling each time." }),
        coin: z
          .object({
            mean_net_bps: bps("Mean of a coin at the same moments: minus the cost, bps.", -8.2),
            hit_rate: bps("Half the share of moves that were larger than the cost.", 0.31),
          })
          .meta({ description: "A coin that buys or sells at the same moments." }),
        analyst: sideGradeSchema.meta({ description: "The decisions of the analyst in the same range for the same base assets." }),
      })
      .meta({
        id: "RuleGrades",
        description: "The outcome of a trade over an hour at each firing, graded as the decisions of the analyst are.",
      }),
  })
  .meta({ id: "RulePreview", description: "The events that a rule would have had over stored liquidations." });
