import * as z from "zod";
import { HEADLINE_HORIZON, type Horizon } from "../../../src/signals/grade.ts";
import { GENESIS, type LedgerHead, checkLedger } from "../../../src/signals/ledger.ts";
import { scoreHorizon } from "../../../src/signals/scoreboard.ts";
import { standing } from "../../../src/signals/track-record.ts";
import { ACTIONS, ANALYSTS } from "../../../src/signals/verdict.ts";
import { gradesOf, scoredDecisions } from "../../signals/grade-rows.ts";
import { holdsRecord, recordById, recordsAfter } from "../../signals/ledger-rows.ts";
import { pastForecasts } from "../../signals/past-forecasts.ts";
import { signalPage } from "../../signals/signal-page.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { openPage } from "../http/page.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { ledgerCheckSchema } from "../schemas/ledger-check.ts";
import { scoreboardSchema } from "../schemas/scoreboard.ts";
import { listedSignalSchema, signalSchema } from "../schemas/signal.ts";

const PATH = "/v1/signals";
/** One input takes about 20 kB. */
const MAX_WITH_STATISTICS = 100;
/** Maximum number of decisions that a scoreboard covers. */
const SCORED_DECISIONS = 2_000;
/** Maximum number of records that one request checks, read in pages that fit easily into memory. */
const CHECKED_RECORDS = 5_000;
const CHECKED_PAGE = 250;

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
  tag: "Signals",
  summary: "List signals",
  description:
    "Returns every decision in ledger order, including the decision NOTHING. The SHA-256 of each record covers the record before it, so every later edit is visible. `paper` is true while the track record does not show skill: do not act on such a signal.",
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
    const { rows, next_cursor } = page.close(found, (last) => [last.sequence]);
    return { data: rows, meta: { count: rows.length, next_cursor, coverage: coverageOf(config), gaps: [] } };
  },
});

/** One decision, with its input and grades. */
export const signalRoute = jsonOperation({
  path: `${PATH}/{id}`,
  id: "getSignal",
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
  tag: "Signals",
  summary: "Get the scoreboard",
  description: `Returns the outcomes of the latest ${SCORED_DECISIONS} decisions after cost, by horizon, next to four baselines: never trading, trading at random times, fading the flow and following it. With fewer than 20 graded decisions every figure is null.`,
  query: z.strictObject({ symbol: parameters.symbol.optional(), analyst: analyst.optional() }),
  problems: ["unknown_symbol"],
  data: scoreboardSchema,
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.symbol !== undefined) await requireCollected(c, asked.symbol, { history: true });
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

/** Recomputes the hash chain. A long ledger takes several requests: `next` holds the parameters of the following one. */
const verifyRoute = jsonOperation({
  path: `${PATH}/verify`,
  id: "verifySignals",
  tag: "Signals",
  summary: "Verify the ledger of signals",
  description: `Recomputes the hash chain over at most ${CHECKED_RECORDS} records. \`next\` holds the parameters to continue with. \`after\` and \`hash\` must name a record that the ledger holds; what comes before it is not checked: to verify the whole ledger, start without parameters.`,
  query: z.strictObject({
    after: z
      .string()
      .refine((text) => /^\d{1,15}$/.test(text), "must be the sequence number of a record")
      .transform(Number)
      .meta({
        description: "Sequence number of the record to start after; requires hash.",
        override: { type: "integer", minimum: 0 },
      })
      .optional(),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of a record, 64 hexadecimal digits")
      .meta({ description: "Hash of the record with the sequence number in after." })
      .optional(),
  }),
  data: ledgerCheckSchema,
  answer: async (c, { query: { after, hash } }) => {
    if ((after === undefined) !== (hash === undefined)) {
      throw badParameters([
        { parameter: after === undefined ? "after" : "hash", detail: "is required: after and hash must be given together" },
      ]);
    }
    const from = after === undefined || hash === undefined ? GENESIS : { sequence: after, hash };
    if (!(await holdsRecord(c.env.DB, from))) {
      throw badParameters([
        {
          parameter: "after",
          detail: "and hash must be the sequence number and the hash of one record of the ledger; there is no such record",
        },
      ]);
    }
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

/** The operations on signals. Fixed paths come before the path with an id. */
export const signalRoutes: readonly Operation[] = [signalsRoute, scoreboardRoute, verifyRoute, signalRoute];
