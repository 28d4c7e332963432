import { EXCHANGES } from "../liquidation-fields.ts";

const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** The number of venues as a word: `five`; in digits above twelve. */
export const VENUE_COUNT: string = WORDS[EXCHANGES.length] ?? String(EXCHANGES.length);
