import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";
import * as z from "zod";
import { cascadePicture } from "../../../src/preview/cascade-picture.ts";
import { encodePng } from "../../../src/preview/png.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { type StoredCascade, storedCascade } from "../../d1/cascade-reads.ts";
import { minutePrices, newestMarkedVenue } from "../../d1/mark-candles.ts";
import type { ComputedAnswer } from "../http/answer-cache.ts";
import type { ApiContext } from "../http/api-env.ts";
import { digestOf } from "../http/entity-tag.ts";
import { keptAnswer } from "../http/kept-answer.ts";
import type { Operation } from "../http/operation.ts";
import { chargeCost } from "../http/rate-limit.ts";
import { ProblemError } from "../http/problem.ts";
import { readParams, readQuery } from "../http/read-parameters.ts";
import { cascadeParams } from "../schemas/cascade.ts";

const BEFORE_MS = 30 * MINUTE_MS;
const AFTER_MS = HOUR_MS;
/** Drawing and deflating 1,200 × 630 pixels takes as long as some of the dearest reads. */
const COST = 5;
const KEPT_SECONDS = 60;
const FINAL_SECONDS = 300;
const none = z.strictObject({});
const picture = z.object({ png: z.string(), is_final: z.boolean() });

/** The mark price around a cascade as a picture, for previews of links. */
export const cascadeImageRoute: Operation = {
  method: "GET",
  path: "/v1/cascades/{id}/image",
  access: "read",
  doc: {
    id: "getCascadeImage",
    tag: "Cascades",
    summary: "Get the picture of a cascade",
    description:
      "Returns a PNG of 1,200 by 630 pixels, without text: one venue's mark price from 30 min before the cascade to 1 h after it, its time in the colour of its side, and the gaps during it hatched. Links to a cascade of the dashboard show it as their preview.",
    cost: COST,
    cacheSeconds: KEPT_SECONDS,
    params: cascadeParams,
    query: none,
    headers: none,
    body: null,
    success: { status: 200, description: "The picture.", content: { "image/png": null }, headers: ["Age"] },
    alternatives: {},
    problems: ["not_found"],
    example: {},
  },
  handle: async (c) => {
    readQuery(c, none);
    const { id } = readParams(c, cascadeParams);
    const answer = await keptAnswer(c, { operation: "getCascadeImage", asked: { id }, seconds: KEPT_SECONDS }, async () => {
      await chargeCost(c, COST);
      return drawn(c, id);
    });
    const { png, is_final } = picture.parse(JSON.parse(answer.data));
    const seconds = is_final ? FINAL_SECONDS : KEPT_SECONDS;
    c.header("Age", String(Math.max(0, Math.floor((c.get("deps").now() - answer.computed_time) / 1_000))));
    c.header("Cache-Control", c.get("config").PUBLIC_READ ? `public, max-age=${seconds}` : "private, no-cache");
    c.header("Content-Type", "image/png");
    return c.body(decodeBase64Url(png));
  },
};

/** The picture as an answer that can be kept. */
async function drawn(c: ApiContext, id: string): Promise<ComputedAnswer> {
  const cascade = await storedCascade(c.env.DB, id);
  if (cascade === null) throw new ProblemError("not_found", "This cascade does not exist.");
  const now = c.get("deps").now();
  const png = encodeBase64Url((await encodePng(await pictureOf(c, cascade, now))).buffer);
  // It shows the hour after the cascade as well.
  const is_final = cascade.end_time !== null && now >= cascade.end_time + AFTER_MS;
  const data = JSON.stringify({ png, is_final } satisfies z.output<typeof picture>);
  return { computed_time: now, etag: `W/"${await digestOf(data)}"`, data, meta: "{}" };
}

async function pictureOf(c: ApiContext, cascade: StoredCascade, now: number) {
  const range = {
    start: floorTo(cascade.start_time - BEFORE_MS, MINUTE_MS),
    end: Math.max(cascade.start_time + MINUTE_MS, Math.min((cascade.end_time ?? now) + AFTER_MS, now)),
  };
  const exchange = await newestMarkedVenue(c.env.DB, cascade.symbol, c.get("config").LIQUIDATION_EXCHANGES, range);
  const minutes = exchange === null ? [] : await minutePrices(c.env.DB, cascade.symbol, exchange, range);
  return cascadePicture(
    cascade,
    minutes.map(({ minute, close }) => ({ time: minute, close })),
    range,
  );
}
