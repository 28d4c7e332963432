import { HOUR_MS } from "../../src/windows/calendar.ts";

/** A gap that is longer has an index of its own, so that those that reach into a range are found without reading all before it. */
export const LONG_GAP_MS = 6 * HOUR_MS;

/** As the migration writes it: SQLite uses the index only for the very same expression. */
export const IS_LONG = `to_time - from_time > ${LONG_GAP_MS}`;
