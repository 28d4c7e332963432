import type { Grade } from "../../api/schema.ts";
import { momentText } from "../../parts/format.ts";

const PROBLEMS: Readonly<Record<string, string>> = {
  no_entry_mark: "No venue has a mark price near the entry.",
  few_samples: "No venue has 30 mark prices in the minute of the entry.",
  no_exit_mark: "The venue of the entry has no mark price near the exit.",
  bad_mark: "A stored mark price is not above zero.",
  unknown_fee: "No venue with a known taker fee has a mark price there.",
  unknown_spread: "The spread is unknown at both ends.",
  unknown_impact: "The market impact is unknown.",
  unknown_funding: "The funding on the path is unknown.",
};

/** Why a figure of a grade is null. */
export function gradeProblem({ problem, graded_time: graded, due_time: due }: Grade): string {
  if (graded === null) return `It is graded from ${momentText(due)} on.`;
  if (problem !== null) return PROBLEMS[problem] ?? problem;
  return "The action is NOTHING, which has no return.";
}
