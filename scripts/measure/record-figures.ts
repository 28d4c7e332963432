import { ANALYSTS, calibrationError } from "./calibration.ts";
import type { Figure } from "./figure.ts";
import { HABITS, coverage } from "./intervals.ts";
import { WITHOUT_EDGE, everUnmuted, medianToMuteAgain, medianToUnmute, mutedWhileProfitable, rareRuin, withEdge } from "./mute-rule.ts";

const RECORDS = 1_500;
const EPISODES = 1_000;

/** Who is un-muted, and after how long. */
export function muteRule(seeds: readonly number[]): Promise<readonly Figure[]> {
  const ever = (draw: Parameters<typeof everUnmuted>[3]) => percent(mean(seeds.map((seed) => everUnmuted(seed, RECORDS, EPISODES, draw))));
  const rest = {
    median: mean(seeds.map((seed) => medianToUnmute(seed, RECORDS, withEdge))).toFixed(0),
    muted: percent(mean(seeds.map((seed) => mutedWhileProfitable(seed, 300, EPISODES)))),
    again: mean(seeds.map((seed) => medianToMuteAgain(seed, 300, EPISODES))).toFixed(0),
  };
  return Promise.resolve([
    ...Object.entries(WITHOUT_EDGE).map(([name, draw]) => {
      return { what: `ever un-muted in ${EPISODES} episodes: ${name}`, measured: ever(draw), target: "at most 5 %" };
    }),
    { what: "the same, losses beyond what a bet can lose: 49 gains, one loss of 980 bps", measured: ever(rareRuin), target: "" },
    { what: "episodes until un-muted at +12 ± 60 bps, median", measured: rest.median, target: "at most 250" },
    { what: `muted in ${EPISODES} episodes at +12 ± 60 bps`, measured: rest.muted, target: "" },
    { what: "episodes until muted again after the edge turns to -12 ± 60 bps, median", measured: rest.again, target: "" },
  ]);
}

/** Days of the records, and how many of each. */
const LENGTHS = [30, 90, 250] as const;
const INTERVAL_RECORDS = 150;
/** The share of 95 % intervals that should hold the truth, of each kind of analyst. */
const AIM = { low: 0.93, high: 0.97, text: "93 to 97 % of each" };

/** A share beside the aim. */
function besideAim(share: number): string {
  return `${percent(share)}${share < AIM.low || share > AIM.high ? " (missed)" : ""}`;
}

/** How often the intervals hold the truth. */
export function intervals(seeds: readonly number[]): Promise<readonly Figure[]> {
  const figures = (["1h", "24h"] as const).flatMap((horizon) =>
    LENGTHS.flatMap((days) => {
      const found = HABITS.map((habit) => seeds.map((seed) => coverage(seed, INTERVAL_RECORDS, days, habit, horizon)));
      const over = (of: (one: (typeof found)[number][number]) => number, text: (share: number) => string) =>
        found.map((own) => text(mean(own.map(of)))).join(", ");
      const all = found.flat();
      const sizes = `${mean(all.map((one) => one.decisions)).toFixed(0)} decisions worth ${mean(all.map((one) => one.effective)).toFixed(0)}`;
      return [
        {
          what: `${horizon}, ${days} days, ${sizes}: hit rate (${HABITS.join(", ")})`,
          measured: over((one) => one.hitRate, besideAim),
          target: AIM.text,
        },
        { what: `${horizon}, ${days} days: mean net return`, measured: over((one) => one.meanReturn, besideAim), target: AIM.text },
        {
          what: `${horizon}, ${days} days: hit rate, if decisions were independent`,
          measured: over((one) => one.hitRateIfIndependent, percent),
          target: "",
        },
      ];
    }),
  );
  return Promise.resolve(figures);
}

/** How far calibrated probabilities are from the truth. */
export function calibration(seeds: readonly number[]): Promise<readonly Figure[]> {
  const figures = [100, 300, 1_000].flatMap((graded) =>
    Object.entries(ANALYSTS).map(([name, truth]) => {
      const errors = seeds.map((seed) => calibrationError(seed, 200, graded, truth));
      const rms = (of: "calibrated" | "isotonic" | "stated") => Math.sqrt(mean(errors.map((one) => one[of] ** 2))).toFixed(3);
      return {
        what: `error of probabilities after ${graded} grades: ${name}`,
        measured: `${rms("calibrated")} (isotonic alone ${rms("isotonic")}, as stated ${rms("stated")})`,
        target: "below as stated",
      };
    }),
  );
  return Promise.resolve(figures);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
