import type { Reporter, TestCase } from "vitest/node";

/** Names the tests that failed and passed when they were run again, and what differed: `--retry` would hide a fault to mend. */
export default class SecondRuns implements Reporter {
  readonly #tests: TestCase[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky === true) this.#tests.push(test);
  }

  onTestRunEnd(): void {
    for (const test of this.#tests) {
      const [error] = test.result().errors ?? [];
      console.log(`passed at a second run only: ${test.module.relativeModuleId} > ${test.fullName}: ${error?.message ?? "no error"}`);
      if (error?.diff !== undefined) console.log(error.diff);
    }
  }
}
