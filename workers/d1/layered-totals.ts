import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import type { LayeredRange } from "../../src/windows/layered-range.ts";

/** How the totals of a step are read. */
export interface Layer {
  readonly from: string;
  readonly time: string;
  /** A condition besides the time. */
  readonly where: string;
}

/** Days that do not agree with their hours: some hour of theirs has changed since. */
export const BAD_DAYS = `(SELECT day AS bad_day FROM dirty_days UNION SELECT hour - hour % ${DAY_MS} FROM dirty_hours)`;

/**
 * Whether a time is not in a short list. The list is read once and searched as text: D1 would count a row read for each time that
 * is looked up in a table.
 */
export function isClean(time: string, name: string, source: string): string {
  return `instr((SELECT ',' || coalesce(group_concat(${name}), '') || ',' FROM ${source}), ',' || ${time} || ',') = 0`;
}

/**
 * The rows of a range from the coarsest tables that agree with the events: ?1 to ?6 are the bounds of days, hours and minutes, as
 * `boundsOf` has them. A day with a changed hour is read by its hours, and a changed hour by its minutes.
 * @param columns the columns of a row
 */
export function layered(layers: Readonly<Record<"minute" | "hour" | "day", Layer>>, columns: string): string {
  const { minute, hour, day } = layers;
  const part = (layer: Layer, before: string, when: string) =>
    `SELECT ${columns} FROM ${before}${layer.from} WHERE ${layer.where} AND ${when}`;
  const clean = isClean(hour.time, "hour", "dirty_hours");
  const parts = [
    part(day, "", `${day.time} >= ?1 AND ${day.time} < ?2 AND ${isClean(day.time, "bad_day", BAD_DAYS)}`),
    part(
      hour,
      `${BAD_DAYS} CROSS JOIN `,
      `bad_day >= ?1 AND bad_day < ?2 AND ${hour.time} >= bad_day AND ${hour.time} < bad_day + ${DAY_MS} AND ${clean}`,
    ),
    part(hour, "", `${hour.time} >= ?3 AND ${hour.time} < ?1 AND ${clean}`),
    part(hour, "", `${hour.time} >= ?2 AND ${hour.time} < ?4 AND ${clean}`),
    part(
      minute,
      "(SELECT hour AS dirty_hour FROM dirty_hours) CROSS JOIN ",
      `dirty_hour >= ?3 AND dirty_hour < ?4 AND ${minute.time} >= dirty_hour AND ${minute.time} < dirty_hour + ${HOUR_MS}`,
    ),
    part(minute, "", `${minute.time} >= ?5 AND ${minute.time} < ?3`),
    part(minute, "", `${minute.time} >= ?4 AND ${minute.time} < ?6`),
  ];
  // D1 takes at most five terms in one compound.
  const [coarse, fine] = [parts.slice(0, 4), parts.slice(4)].map((terms) => `SELECT * FROM (${terms.join(" UNION ALL ")})`);
  return `${coarse} UNION ALL ${fine}`;
}

export function boundsOf({ days, hours, minutes }: LayeredRange): readonly number[] {
  return [...days, ...hours, ...minutes];
}
