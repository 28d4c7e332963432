import type { ApiContext } from "./api-env.ts";
import { type ComputedAnswer, answerUrl } from "./answer-cache.ts";

/** A question whose answer is the same for every caller who may ask it. */
interface KeptQuestion {
  readonly operation: string;
  /** All that the answer depends on: the parameters as they were read. */
  readonly asked: object;
  /** How long the answer may be kept. */
  readonly seconds: number;
}

/** The kept answer to a question, or else a computed one, which is kept from then on. */
export async function keptAnswer(
  c: ApiContext,
  { operation, asked, seconds }: KeptQuestion,
  compute: () => Promise<ComputedAnswer>,
): Promise<ComputedAnswer> {
  const { answers, now } = c.get("deps");
  if (answers === null || !c.get("config").ANSWER_CACHE) return compute();
  const url = await answerUrl(c.req.url, c.env.VERSION?.id ?? "local", operation, asked);
  const kept = await answers.read(url, now());
  if (kept !== null) return kept;
  const answer = await compute();
  c.executionCtx.waitUntil(answers.write(url, answer, seconds));
  return answer;
}
