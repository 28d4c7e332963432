import * as z from "zod";
import { HEADLINE_HORIZON, type Horizon } from "../../../src/signals/grade.ts";
import { GENESIS, type LedgerHead, checkLedger } from "../../../src/signals/ledger.ts";
import { scoreHorizon } from "../../../src/signals/scoreboard.ts";
import { standing } from "../../../src/signals/track-record.ts";
import { ACTIONS, ANALYSTS } from "../../../src/signals/verdict.ts";
import { gradesOf, scoredDecisions } from "../../signals/grade-rows.ts";
import { recordById, recordsAfter } from "../../signals/ledger-rows.ts";
import { pastForecasts } from "../../signals/past-forecasts.ts";
import { signalPage } from "../../signals/signal-page.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "../http/cursor.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { ledgerCheckSchema } from "../schemas/ledger-check.ts";
import { scoreboardSchema } from "../schemas/scoreboard.ts";
import { listedSignalSchema, signalSchema } from "../schemas/signal.ts";

const PATH = "/v1/signals";
/** An input is some 20 kB. */
const MOST_WITH_STATISTICS = 100;
/** Decisions a scoreboard looks back over. */
const SCORED_DECISIONS = 2_000;
/** Records one request checks, in pages of a size whose inputs fit the Worker's memory many times. */
const CHECKED_RECORDS = 5_000;
const CHECKED_PAGE = 250;

const analyst = z.enum(ANALYSTS, { error: `one of ${ANALYSTS.join(", ")}` }).meta({ description: "Who decided." });

const listQuery = z.strictObject({
  symbol: parameters.symbol.optional(),
  action: z
    .enum(ACTIONS, { error: `one of ${ACTIONS.join(", ")}` })
    .meta({ description: "What was decided." })
    .optional(),
  analyst: analyst.optional(),
  order: parameters.order.default("desc"),
  include: z
    .enum(["statistics"], { error: "statistics, or nothing" })
    .meta({ description: `statistics: also the exact input of each decision, for at most ${MOST_WITH_STATISTICS} a page.` })
    .optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});

/** The ledger, page by page, in its own order. */
export const signalsRoute = jsonOperation({
  path: PATH,
  id: "listSignals",
  tag: "Signals",
  summary: "The ledger of decisions, page by page",
  description:
    "Every decision, NOTHING included, in the ledger's own order. Each carries a SHA-256 chained to the one before, so that an edit shows. `paper` is true while the record does not show skill: not to be acted on.",
  query: listQuery,
  example: { query: { symbol: "BTC", limit: "5" } },
  data: z.array(listedSignalSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.include === "statistics" && asked.limit > MOST_WITH_STATISTICS) {
      throw badParameters([{ parameter: "limit", detail: `at most ${MOST_WITH_STATISTICS} with statistics` }]);
    }
    const fingerprint = await queryFingerprint(PATH, asked);
    const after = asked.cursor === undefined ? null : decodeCursor(asked.cursor, fingerprint, z.tuple([z.int()]))[0];
    const found = await signalPage(c.env.DB, {
      symbol: asked.symbol ?? null,
      action: asked.action ?? null,
      analyst: asked.analyst ?? null,
      order: asked.order,
      after,
      limit: asked.limit + 1,
      withStatistics: asked.include === "statistics",
    });
    const data = found.slice(0, asked.limit);
    const last = data.at(-1);
    const next = found.length > asked.limit && last !== undefined ? encodeCursor(fingerprint, [last.sequence]) : null;
    return { data, meta: { count: data.length, next_cursor: next, coverage: coverageOf(config), gaps: [] } };
  },
});

/** One decision with its input and its grades. */
export const signalRoute = jsonOperation({
  path: `${PATH}/{id}`,
  id: "getSignal",
  tag: "Signals",
  summary: "One decision with its input and its grades",
  description: "A grade is null until its time has come; one that cannot be given says so in `problem`.",
  params: z.strictObject({ id: z.string().meta({ description: "A signal's id.", examples: ["BTC-15m-20261121T0905Z"] }) }),
  data: signalSchema,
  problems: ["not_found"],
  answer: async (c, { params: { id } }) => {
    const record = await recordById(c.env.DB, id);
    if (record === null) throw new ProblemError("not_found", "There is no signal of this id.");
    const grades = (await gradesOf(c.env.DB, id)).map(({ signal_id: _id, ...grade }) => grade);
    return { data: { ...record, grades }, meta: { coverage: coverageOf(c.get("config")), gaps: [] } };
  },
});

/** How the latest decisions came out, next to what trading without them would have. */
export const scoreboardRoute = jsonOperation({
  path: `${PATH}/scoreboard`,
  id: "getScoreboard",
  tag: "Signals",
  summary: "How the latest decisions came out",
  description: `Returns after cost of the latest ${SCORED_DECISIONS} decisions, by horizon, next to what never trading, random times, fading and following the flow would have brought. Under 20 graded every figure is null.`,
  query: z.strictObject({ symbol: parameters.symbol.optional(), analyst: analyst.optional() }),
  data: scoreboardSchema,
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    const serving = config.DEEPSEEK_KEY === null ? "rules" : "deepseek";
    const filter = { symbol: asked.symbol ?? null, analyst: asked.analyst ?? null };
    const decisions = await scoredDecisions(c.env.DB, filter, SCORED_DECISIONS);
    const { paper, brierSkill } = standing(await pastForecasts(c.env.DB, serving));
    const scoreOf = (name: Horizon) => scoreHorizon(decisions.filter(({ horizon }) => horizon === name));
    const data = {
      headline_horizon: HEADLINE_HORIZON,
      serving: { analyst: serving, paper, brier_skill_last_100: brierSkill },
      horizons: { "5m": scoreOf("5m"), "15m": scoreOf("15m"), "1h": scoreOf("1h"), "4h": scoreOf("4h"), "24h": scoreOf("24h") },
    } as const;
    return { data, meta: { coverage: coverageOf(config), gaps: [] } };
  },
});

/**
 * Recomputes the chain. A long ledger is checked in stretches: `next` are the parameters that go on where this ended;
 * what is before a stretch is taken on the word of who gives them.
 */
const verifyRoute = jsonOperation({
  path: `${PATH}/verify`,
  id: "verifySignals",
  tag: "Signals",
  summary: "The chain of decisions recomputed",
  description: `At most ${CHECKED_RECORDS} records at a time: \`next\` are the parameters that go on where this ended. What is before a stretch is taken on the word of who gives them.`,
  query: z.strictObject({
    after: z
      .string()
      .refine((text) => /^\d{1,15}$/.test(text), "the sequence of a record")
      .transform(Number)
      .meta({
        description: "The sequence after which to begin; goes with hash.",
        override: { type: "integer", minimum: 0 },
      })
      .optional(),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "the hash of that record")
      .meta({ description: "The hash of that record." })
      .optional(),
  }),
  data: ledgerCheckSchema,
  answer: async (c, { query: { after, hash } }) => {
    if ((after === undefined) !== (hash === undefined)) {
      throw badParameters([{ parameter: after === undefined ? "after" : "hash", detail: "after and hash go together" }]);
    }
    const from = after === undefined || hash === undefined ? GENESIS : { sequence: after, hash };
    const { head, mismatch, complete } = await checkStretch(c.env.DB, from);
    const data = {
      valid: mismatch === null,
      checked: head.sequence - from.sequence,
      head,
      first_mismatch: mismatch,
      next: complete ? null : { after: head.sequence, hash: head.hash },
    };
    return { data, meta: { coverage: coverageOf(c.get("config")), gaps: [] } };
  },
});

async function checkStretch(db: D1Database, from: LedgerHead) {
  let head = from;
  while (head.sequence - from.sequence < CHECKED_RECORDS) {
    const records = await recordsAfter(db, head.sequence, CHECKED_PAGE);
    const check = await checkLedger(records, head);
    head = check.head;
    if (check.mismatch !== null || records.length < CHECKED_PAGE) return { ...check, complete: true };
  }
  return { head, mismatch: null, complete: false };
}

/** The fixed paths before the one that takes any id. */
export const signalRoutes: readonly Operation[] = [signalsRoute, scoreboardRoute, verifyRoute, signalRoute];
