import * as z from "zod";
import { PLAN_AS_OF, PLAN_ITEMS, type PlanItemName, itemCostUsd } from "../../../src/cloudflare-plan.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { readPlatformUsage } from "../../usage/platform-usage.ts";

/** The items that the Worker can count itself. CPU time is not among them: the platform does not tell it. */
const COUNTED = [
  "worker_requests",
  "object_requests",
  "object_gb_s",
  "object_rows_written",
  "d1_rows_read",
  "d1_rows_written",
  "r2_class_a",
  "r2_class_b",
] as const satisfies readonly PlanItemName[];

/** The plan includes amounts by month. */
const DAYS_PER_MONTH = 30;

const itemSchema = z
  .object({
    item: z.enum(COUNTED).meta({ description: "Name of what is billed." }),
    title: z.string().meta({ description: "Name on the invoice.", examples: ["D1 rows written"] }),
    today: z.number().meta({ description: "Amount since 00:00 UTC.", examples: [184_320] }),
    included_per_day: z.number().meta({ description: "Amount that the plan includes in a month, divided by 30.", examples: [1_666_666] }),
    share_of_day: z.number().meta({ description: "`today` divided by `included_per_day`.", examples: [0.11] }),
    month: z.number().meta({ description: "Amount since the first of the month, UTC.", examples: [5_160_960] }),
    included_per_month: z.number().meta({ description: "Amount that the plan includes in a month.", examples: [50_000_000] }),
    month_usd: z.number().meta({ description: "Cost of what the month used beyond the plan, USD.", examples: [0] }),
  })
  .meta({ id: "PlatformItem", description: "Use of one item that Cloudflare bills." });

/** What the Worker used today and this month of what the Workers Paid plan includes. */
export const platformUsageRoute = jsonOperation({
  path: "/v1/usage/platform",
  access: "admin",
  id: "getPlatformUsage",
  tag: "Keys",
  summary: "Get the platform usage",
  description:
    "Returns what the Worker used of Cloudflare today and this month, next to the amounts that the Workers Paid plan includes. The Worker counts by itself, up to five minutes late: requests and cron runs; alarms and calls of objects, the time they are awake at 128 MB, and the rows that feeds write; rows of D1; operations of R2. What an isolate counted since it last stored its counts is lost with it, and other Workers of the account are not counted, so the invoice is higher. CPU time is not counted.",
  data: z
    .object({
      date: z.iso.date(),
      prices_as_of: z.iso.date().meta({ description: "Date of the included amounts and prices." }),
      items: z.array(itemSchema),
    })
    .meta({ id: "PlatformUsage" }),
  answer: async (c) => {
    const now = c.get("deps").now();
    const used = new Map((await readPlatformUsage(c.env.DB, now)).map((usage) => [usage.item, usage]));
    const items = COUNTED.map((item) => {
      const { today = 0, month = 0 } = used.get(item) ?? {};
      const { title, included } = PLAN_ITEMS[item];
      const included_per_day = included / DAYS_PER_MONTH;
      return {
        item,
        title,
        today,
        included_per_day,
        share_of_day: today / included_per_day,
        month,
        included_per_month: included,
        month_usd: itemCostUsd(item, month),
      };
    });
    return { data: { date: utcDate(now), prices_as_of: PLAN_AS_OF, items }, meta: { count: items.length } };
  },
});
