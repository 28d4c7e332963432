import * as z from "zod";
import { checkGrades } from "../../../src/grades/grade-ledger.ts";
import { type ChainCheck, type ChainHead, type ChainPlace, GENESIS } from "../../../src/signals/hash-chain.ts";
import { checkLedger } from "../../../src/signals/ledger.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { gradesAfter, gradesBefore, holdsGrade } from "../../signals/grade-rows.ts";
import { holdsRecord, recordsAfter } from "../../signals/ledger-rows.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { openPage } from "../http/page.ts";
import { parameters } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";
import { ledgerCheckSchema } from "../schemas/ledger-check.ts";
import { chainedGradeSchema } from "../schemas/signal.ts";

const PATH = "/v1/signals";
/** Maximum number of records of a chain that one request checks, read in pages that fit easily into memory. */
const CHECKED_RECORDS = 1_000;
const CHECKED_PAGE = 250;

const sequencePlace = z.tuple([z.int().min(1).max(1_000_000_000)]);

/** The chain of grades, in its own order. */
export const gradesRoute = jsonOperation({
  path: `${PATH}/grades`,
  id: "listGrades",
  cost: 2,
  cacheSeconds: 10,
  tag: "Signals",
  summary: "List grades",
  description:
    "Returns every grade in the order in which grades were given, those without a path included. The SHA-256 of each covers the grade before it, so every later edit is visible. Grades of version 1 are in no chain and not listed; `GET /v1/signals/{id}` has them.",
  query: z.strictObject({
    order: parameters.order.default("desc"),
    limit: parameters.limit.default(100),
    cursor: parameters.cursor.optional(),
  }),
  data: z.array(chainedGradeSchema),
  answer: async (c, { query: asked }) => {
    const page = await openPage(`${PATH}/grades`, asked, sequencePlace);
    const read = asked.order === "asc" ? gradesAfter : gradesBefore;
    const start = asked.order === "asc" ? GENESIS.sequence : Number.MAX_SAFE_INTEGER;
    const found = await read(c.env.DB, page.after?.[0] ?? start, page.rowsToRead);
    const { rows, next_cursor } = page.close(found, (last) => [last.sequence]);
    return { data: rows, meta: { count: rows.length, next_cursor, coverage: coverageOf(c.get("config")), gaps: [] } };
  },
});

const after = (what: string, hash: string) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text), `must be the sequence number of a ${what}`)
    .transform(Number)
    .meta({
      description: `Sequence number of the ${what} to start after; requires ${hash}.`,
      override: { type: "integer", minimum: 0 },
    })
    .optional();
const hash = (what: string, sequence: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/, `must be the SHA-256 of a ${what}, 64 hexadecimal digits`)
    .meta({ description: `Hash of the ${what} with the sequence number in ${sequence}.` })
    .optional();

/** Recomputes both hash chains. Long ones take several requests: `next` holds the parameters of the following one. */
export const verifyRoute = jsonOperation({
  path: `${PATH}/verify`,
  id: "verifySignals",
  cost: 10,
  cacheSeconds: 60,
  tag: "Signals",
  summary: "Verify the ledger of signals",
  description: `Recomputes the hash chains of decisions and of grades over at most ${CHECKED_RECORDS} records each. \`next\` holds the parameters to continue with. \`after\` and \`hash\` must name a decision that the ledger holds, \`grades_after\` and \`grades_hash\` a grade; what comes before them is not checked: to verify the whole ledger, start without parameters.`,
  query: z.strictObject({
    after: after("record", "hash"),
    hash: hash("record", "after"),
    grades_after: after("grade", "grades_hash"),
    grades_hash: hash("grade", "grades_after"),
  }),
  data: ledgerCheckSchema,
  answer: async (c, { query: asked }) => {
    const db = c.env.DB;
    const from = await startOf(["after", asked.after], ["hash", asked.hash], (head) => holdsRecord(db, head));
    const gradesFrom = await startOf(["grades_after", asked.grades_after], ["grades_hash", asked.grades_hash], (head) =>
      holdsGrade(db, head),
    );
    const decisions = await checkStretch(from, (sequence) => recordsAfter(db, sequence, CHECKED_PAGE), checkLedger);
    const grades = await checkStretch(gradesFrom, (sequence) => gradesAfter(db, sequence, CHECKED_PAGE), checkGrades);
    const next = {
      after: decisions.head.sequence,
      hash: decisions.head.hash,
      grades_after: grades.head.sequence,
      grades_hash: grades.head.hash,
    };
    const data = {
      ...resultOf(decisions, from),
      grades: resultOf(grades, gradesFrom),
      next: decisions.complete && grades.complete ? null : next,
    };
    return { data, meta: { coverage: coverageOf(c.get("config")), gaps: [] } };
  },
});

/** The head that two parameters name; the start of the chain without them. */
async function startOf(
  [afterName, sequence]: readonly [string, number | undefined],
  [hashName, given]: readonly [string, string | undefined],
  holds: (head: ChainHead) => Promise<boolean>,
): Promise<ChainHead> {
  if (sequence === undefined && given === undefined) return GENESIS;
  if (sequence === undefined || given === undefined) {
    const detail = `is required: ${afterName} and ${hashName} must be given together`;
    throw badParameters([{ parameter: sequence === undefined ? afterName : hashName, detail }]);
  }
  const head = { sequence, hash: given };
  if (await holds(head)) return head;
  const detail = `and ${hashName} must be the sequence number and the hash of one record of the ledger; there is no such record`;
  throw badParameters([{ parameter: afterName, detail }]);
}

interface Stretch<Mismatch> extends ChainCheck<Mismatch> {
  /** Whether the chain was checked to its end or to a mismatch. */
  readonly complete: boolean;
}

async function checkStretch<Record extends ChainPlace, Mismatch>(
  from: ChainHead,
  read: (sequence: number) => Promise<readonly Record[]>,
  check: (records: readonly Record[], before: ChainHead) => Promise<ChainCheck<Mismatch>>,
): Promise<Stretch<Mismatch>> {
  let head = from;
  while (head.sequence - from.sequence < CHECKED_RECORDS) {
    const records = await read(head.sequence);
    const checked = await check(records, head);
    head = checked.head;
    if (checked.mismatch !== null || records.length < CHECKED_PAGE) return { ...checked, complete: true };
  }
  return { head, mismatch: null, complete: false };
}

function resultOf<Mismatch>({ head, mismatch }: Stretch<Mismatch>, from: ChainHead) {
  return { valid: mismatch === null, checked: head.sequence - from.sequence, head, first_mismatch: mismatch };
}
