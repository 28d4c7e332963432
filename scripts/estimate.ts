import type { SumEvaluation } from "../src/estimates/evaluation.ts";
import type { ThrottleFit } from "../src/estimates/fit.ts";
import { fitThrottle } from "../src/estimates/fit-throttle.ts";
import { FIT_DAYS, FITTED_ON, completeVenues, tooFewDays } from "../src/estimates/fit-estimates.ts";
import { type VenueTape, eventCount } from "../src/estimates/tape.ts";
import type { ShownThrottle } from "../src/estimates/throttle.ts";
import type { ExchangeName } from "../src/liquidation.ts";
import { runCommand } from "./command-line.ts";
import { type EstimateOptions, USAGE, readEstimateOptions } from "./estimate/options.ts";
import { type StoredTapes, readTapes } from "./estimate/read-tapes.ts";
import { SIMULATED_DAYS, SIMULATED_RANGE, simulatedVenues } from "./estimate/simulations.ts";
import { table } from "./table.ts";

const THROTTLES: Readonly<Record<ShownThrottle, string>> = {
  largest: "the largest of each second",
  largest_by_side: "the largest of each second and side",
  one: "any one of each second, from the rate of the other venue",
};

await runCommand({ usage: USAGE, readOptions: () => readEstimateOptions(process.argv.slice(2)), run: validate });

/** @returns the exit code */
async function validate(options: EstimateOptions): Promise<number> {
  const stored = await tapesOf(options.source);
  const { days } = stored;
  if (days < FIT_DAYS) {
    console.log(`withheld: ${tooFewDays(days)}`);
    return 1;
  }
  const [first, second] = chosen(stored, options);
  if (first === undefined) {
    console.log(`withheld: no complete venue has ${FITTED_ON}`);
    return 1;
  }
  console.log(`Fitted on ${describe(first)}${second === undefined ? "" : `, tested on ${describe(second)}`}, over ${days} days.`);
  const failed = (["largest", "largest_by_side", "one"] as const).filter((throttle) => {
    const fit = fitThrottle(throttle, first, second ?? null);
    console.log(`\nA venue that shows ${THROTTLES[throttle]}:`);
    if ("problem" in fit) console.log(`withheld: ${fit.problem}`);
    else print(fit);
    return "problem" in fit || fit.status === "withheld";
  });
  return failed.length > 0 ? 1 : 0;
}

async function tapesOf(source: EstimateOptions["source"]): Promise<StoredTapes> {
  if (source.kind === "data") return readTapes(source.folder, source.symbol);
  return { tapes: simulatedVenues(source.name, source.seed), range: SIMULATED_RANGE, days: SIMULATED_DAYS };
}

/** @throws {RangeError} where the data has too little of a venue that was asked for */
function chosen({ tapes, range }: StoredTapes, { fit, test }: EstimateOptions): readonly VenueTape[] {
  const complete = completeVenues(tapes, range);
  const allowed = complete.length === 0 ? "none" : complete.map(({ exchange }) => exchange).join(", ");
  const named = (name: ExchangeName): VenueTape => {
    const found = complete.find(({ exchange }) => exchange === name);
    if (found === undefined) throw new RangeError(`${name} needs ${FITTED_ON}; the data has that of: ${allowed}`);
    return found;
  };
  return fit === null || test === null ? complete.slice(0, 2) : [named(fit), named(test)];
}

function describe(tape: VenueTape): string {
  return `${tape.exchange} (${eventCount(tape)} liquidations)`;
}

function print({ evaluation, status, reason }: ThrottleFit): void {
  if (evaluation !== null) {
    const { minutes, reported_to_true: reported, calibrated_to_true: calibrated } = evaluation;
    const { reported_events_to_true: shown, calibrated_events_to_true: counted } = evaluation;
    console.log(
      `USD: reported / true ${reported.toFixed(3)}, calibrated / true ${calibrated.toFixed(3)} (allowed 0.95 to 1.05). ` +
        `Numbers: ${shown.toFixed(3)}, ${counted.toFixed(3)}. Over ${minutes} minutes.`,
    );
    const rows = evaluation.levels.map((level) => [
      level.level,
      String(level.minutes),
      level.reported_to_true.toFixed(3),
      level.calibrated_to_true.toFixed(3),
      percent(level.coverage),
      `${percent(Math.max(0, level.allowed[0]))} to ${percent(level.allowed[1])}`,
      level.coverage < level.allowed[0] || level.coverage > level.allowed[1] ? "breaks" : "",
    ]);
    console.log(sums("hours", evaluation.hours), sums("days", evaluation.days));
    console.log(table(["activity", "minutes", "reported / true", "calibrated / true", "coverage", "allowed", ""], rows));
  }
  console.log(`${status}${reason === null ? "" : `: ${reason}`}`);
}

function sums(what: string, { count, coverage }: SumEvaluation): string {
  return `Sums of bounds cover ${percent(coverage)} of ${count} ${what}.`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
