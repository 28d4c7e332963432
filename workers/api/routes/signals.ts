import * as z from "zod";
import { HEADLINE_HORIZON } from "../../../src/grades/grade.ts";
import { MIN_SHOWN } from "../../../src/scoreboard/return-score.ts";
import { ACTIONS, ANALYSTS } from "../../../src/signals/verdict.ts";
import { gradesOf } from "../../signals/grade-rows.ts";
import { recordById } from "../../signals/ledger-rows.ts";
import { readScoreboard } from "../../signals/read-scoreboard.ts";
import { MAX_SEARCHED_DECISIONS } from "../../signals/scored-blocks.ts";
import { signalPage } from "../../signals/signal-page.ts";
import { scannedTo } from "../../d1/scan-page.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { openPage } from "../http/page.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { gradesRoute, verifyRoute } from "./signal-ledger.ts";
import { scoreboardSchema } from "../schemas/scoreboard.ts";
import { listedSignalSchema, signalSchema } from "../schemas/signal.ts";

const PATH = "/v1/signals";
/** One input takes about 20 kB. */
const MAX_WITH_STATISTICS = 100;
/** Maximum number of decisions that a scoreboard covers. */
const SCORED_DECISIONS = 2_000;
const REGISTERED_TEXT = `The horizon of ${HEADLINE_HORIZON} is registered: the question that was fixed beforehand. The others are exploratory, and their p-values are corrected for their number.`;

const analyst = z
  .enum(ANALYSTS, { error: `must be one of ${ANALYSTS.join(", ")}` })
  .meta({ description: "Analyst that made the decision: deepseek (a language model) or rules." });

const listQuery = z.strictObject({
  symbol: parameters.symbol.optional(),
  action: z
    .enum(ACTIONS, { error: `must be one of ${ACTIONS.join(", ")}` })
    .meta({ description: "Action that was decided." })
    .optional(),
  analyst: analyst.optional(),
  order: parameters.order.default("desc"),
  include: z
    .enum(["statistics"], { error: "must be statistics" })
    .meta({
      description: `Additional data: statistics adds the exact input of each decision and limits a page to ${MAX_WITH_STATISTICS} items.`,
    })
    .optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});

const sequencePlace = z.tuple([z.int().min(1).max(1_000_000_000)]);

/** The ledger of decisions, in its own order. */
export const signalsRoute = jsonOperation({
  path: PATH,
  id: "listSignals",
  cost: 2,
  cacheSeconds: 5,
  tag: "Signals",
  summary: "List signals",
  description:
    "Returns every decision in ledger order, including the decision NOTHING. The SHA-256 of each record covers the record before it, so every later edit is visible. `paper` is true while the track record does not show that it earns: do not act on such a signal.",
  query: listQuery,
  problems: ["unknown_symbol"],
  example: { query: { symbol: "BTC", limit: "5" } },
  data: z.array(listedSignalSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.include === "statistics" && asked.limit > MAX_WITH_STATISTICS) {
      throw badParameters([{ parameter: "limit", detail: `must be at most ${MAX_WITH_STATISTICS} with include=statistics` }]);
    }
    if (asked.symbol !== undefined) await requireCollected(c, asked.symbol, { history: true });
    const page = await openPage(PATH, asked, sequencePlace);
    const found = await signalPage(c.env.DB, {
      symbol: asked.symbol ?? null,
      action: asked.action ?? null,
      analyst: asked.analyst ?? null,
      order: asked.order,
      after: page.after?.[0] ?? null,
      limit: page.rowsToRead,
      withStatistics: asked.include === "statistics",
    });
    const { rows, next_cursor } = page.close(found.rows, (last) => [last.sequence], found.stoppedAt);
    const meta = { count: rows.length, next_cursor, scanned_to: scannedTo(found), coverage: coverageOf(config), gaps: [] };
    return { data: rows, meta };
  },
});

/** One decision, with its input and grades. */
export const signalRoute = jsonOperation({
  path: `${PATH}/{id}`,
  id: "getSignal",
  cacheSeconds: 5,
  tag: "Signals",
  summary: "Get a signal",
  description:
    "Returns one decision with its input and grades. The fields of a grade are null until its horizon has passed; if a grade cannot be computed, `problem` states the reason.",
  params: z.strictObject({ id: z.string().meta({ description: "Id of the signal.", examples: ["BTC-15m-20261121T0905Z"] }) }),
  data: signalSchema,
  problems: ["not_found"],
  answer: async (c, { params: { id } }) => {
    const record = await recordById(c.env.DB, id);
    if (record === null) throw new ProblemError("not_found", "This signal does not exist.");
    const grades = (await gradesOf(c.env.DB, id)).map(({ signal_id: _id, ...grade }) => grade);
    return { data: { ...record, grades }, meta: { coverage: coverageOf(c.get("config")), gaps: [] } };
  },
});

/** The outcomes of the latest decisions, next to baselines. */
export const scoreboardRoute = jsonOperation({
  path: `${PATH}/scoreboard`,
  id: "getScoreboard",
  cost: 10,
  cacheSeconds: 60,
  tag: "Signals",
  summary: "Get the scoreboard",
  description: `Returns the outcomes of the latest ${SCORED_DECISIONS} decisions after cost (of a base asset or an analyst, those among the latest ${MAX_SEARCHED_DECISIONS} decisions), by horizon, next to six baselines: \`horizons\` of the record that the next decision belongs to (\`horizons_of\`), never of several records together. The baselines are never trading, tossing a coin, trading at random times, fading the flow, following it, and the rule model. ${REGISTERED_TEXT} Intervals allow for decisions that depend on each other. \`records\` holds one entry for each analyst, model and version of the prompt, side by side, with what is missing until its signals are no longer \`paper\`. With fewer than ${MIN_SHOWN} graded decisions every figure is null.`,
  query: z.strictObject({ symbol: parameters.symbol.optional(), analyst: analyst.optional() }),
  problems: ["unknown_symbol"],
  data: scoreboardSchema,
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.symbol !== undefined) await requireCollected(c, asked.symbol, { history: true });
    const data = await readScoreboard(c.env.DB, config, { symbol: asked.symbol ?? null, analyst: asked.analyst ?? null }, SCORED_DECISIONS);
    return { data, meta: { coverage: coverageOf(config), gaps: [] } };
  },
});

/** The operations on signals. Fixed paths come before the path with an id. */
export const signalRoutes: readonly Operation[] = [signalsRoute, gradesRoute, scoreboardRoute, verifyRoute, signalRoute];
