import type { Reporter, TestCase } from "vitest/node";

/** Names the tests that failed and passed when they were run again, which `--retry` would hide: each has a fault to mend. */
export default class SecondRuns implements Reporter {
  readonly #tests: TestCase[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky === true) this.#tests.push(test);
  }

  onTestRunEnd(): void {
    for (const test of this.#tests) {
      const { errors } = test.result();
      console.log(`passed at a second run only: ${test.module.relativeModuleId} > ${test.fullName}: ${errors?.[0]?.message ?? "no error"}`);
    }
  }
}
