import { EXCHANGES } from "../liquidation-fields.ts";

const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** How many venues there are, as prose spells it: `five`, and digits beyond twelve. */
export const VENUE_COUNT: string = WORDS[EXCHANGES.length] ?? String(EXCHANGES.length);
