import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that wait for minutes. Begun last, each would run on alone when everything else has ended. */
const LONGEST = ["e2e/campaign.test.ts", "e2e/demo.test.ts", "e2e/dashboard.test.ts"];

/** Vitest's order, which goes by the size of files, after the files that take longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- a method of the sequencer
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}`));
  return place === -1 ? LONGEST.length : place;
}
