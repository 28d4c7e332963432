import { NEW_RECORD, afterEpisode } from "../../src/scoreboard/muting.ts";
import { type Random, createRandom } from "../simulator/random.ts";

/** Net returns of an episode without an edge, bps: the mean is 0, or below it. */
export const WITHOUT_EDGE = {
  "normal, 60 bps": (random: Random) => 60 * random.normal(),
  "normal, 200 bps": (random: Random) => 200 * random.normal(),
  "Student t, 3 degrees of freedom": (random: Random) => 60 * student(random, 3),
  "Student t, 2 degrees of freedom": (random: Random) => 40 * student(random, 2),
  Cauchy: (random: Random) => 40 * student(random, 1),
  "calm and wild days": (random: Random) => (random.chance(0.5) ? 20 : 150) * random.normal(),
  "19 small gains, one loss of 570 bps": (random: Random) => (random.chance(0.95) ? 30 : -570),
  "9 small gains, one loss of 270 bps": (random: Random) => (random.chance(0.9) ? 30 : -270),
  "log-normal losses": (random: Random) => 60 * (Math.exp(0.5) - Math.exp(random.normal())),
  "right one time in five": (random: Random) => (random.chance(0.2) ? 50 : -50),
} as const satisfies Readonly<Record<string, (random: Random) => number>>;

/** 12 bps on the average, with a standard deviation of 60 bps. */
export const withEdge = (random: Random): number => 12 + 60 * random.normal();

/** Beyond what a bet can lose: 49 gains of 20 bps and one loss of 980. */
export const rareRuin = (random: Random): number => (random.chance(0.98) ? 20 : -980);

/** Share of records that are ever un-muted within so many episodes. */
export function everUnmuted(seed: number, records: number, episodes: number, draw: (random: Random) => number): number {
  const random = createRandom(seed, "mute-rule");
  let unmuted = 0;
  for (let record = 0; record < records; record += 1) if (episodesToUnmute(random, episodes, draw) !== null) unmuted += 1;
  return unmuted / records;
}

/** Median number of episodes until a record is un-muted; infinite where half of them are not within 2,000. */
export function medianToUnmute(seed: number, records: number, draw: (random: Random) => number): number {
  const random = createRandom(seed, "mute-rule");
  const counts = Array.from({ length: records }, () => episodesToUnmute(random, 2_000, draw) ?? Number.POSITIVE_INFINITY);
  return counts.toSorted((a, b) => a - b)[Math.floor(records / 2)] ?? Number.NaN;
}

/** Share of the episodes after the first 250 in which an analyst with an edge is muted. */
export function mutedWhileProfitable(seed: number, records: number, episodes: number): number {
  const random = createRandom(seed, "mute-rule");
  let muted = 0;
  for (let record = 0; record < records; record += 1) {
    let state = NEW_RECORD;
    for (let episode = 0; episode < episodes; episode += 1) {
      if (state.muted) muted += 1;
      state = { ...state, ...afterEpisode(state, withEdge(random)) };
    }
  }
  return muted / (records * episodes);
}

/** Median number of episodes until an analyst that earned 12 bps for so many episodes, and then loses 12, is muted again. */
export function medianToMuteAgain(seed: number, records: number, episodes: number): number {
  const random = createRandom(seed, "mute-rule");
  const counts = Array.from({ length: records }, () => {
    let state = NEW_RECORD;
    for (let episode = 0; episode < episodes; episode += 1) state = { ...state, ...afterEpisode(state, withEdge(random)) };
    let after = 0;
    for (; !state.muted && after < 5_000; after += 1) state = { ...state, ...afterEpisode(state, -24 + withEdge(random)) };
    return after;
  });
  return counts.toSorted((a, b) => a - b)[Math.floor(records / 2)] ?? Number.NaN;
}

function episodesToUnmute(random: Random, episodes: number, draw: (random: Random) => number): number | null {
  let state = NEW_RECORD;
  for (let episode = 1; episode <= episodes; episode += 1) {
    state = { ...state, ...afterEpisode(state, draw(random)) };
    if (!state.muted) return episode;
  }
  return null;
}

function student(random: Random, freedom: number): number {
  let squares = 0;
  for (let index = 0; index < freedom; index += 1) squares += random.normal() ** 2;
  return random.normal() / Math.sqrt(squares / freedom);
}
