/**
 * Which of the wanted contracts are covered: a connected venue may refuse the subscription of one, or not have confirmed
 * it yet. Only for venues that subscribe contract by contract.
 */
export class ContractCoverage {
  /** Wanted contracts, each with the time up to which it was covered, ms: at first, the time from which it is wanted. */
  #wanted: ReadonlyMap<string, number> = new Map();
  #covered = new Set<string>();
  readonly #coveredTime = new Map<string, number>();

  /** Replaces the wanted contracts. */
  want(contracts: readonly string[], now: number): void {
    this.#wanted = new Map(contracts.map((contract) => [contract, this.#wanted.get(contract) ?? now]));
    for (const contract of this.#coveredTime.keys()) if (!this.#wanted.has(contract)) this.#coveredTime.delete(contract);
  }

  /** Notes contracts whose liquidations arrive, up to `time`. */
  cover(contracts: Iterable<string>, time: number): void {
    for (const contract of contracts) {
      if (!this.#wanted.has(contract)) continue;
      this.#covered.add(contract);
      this.#coveredTime.set(contract, Math.max(this.#coveredTime.get(contract) ?? 0, time));
    }
  }

  /** @returns the wanted contracts that were not covered since the last call, each with the time up to which it was */
  uncovered(): ReadonlyMap<string, number> {
    const missing = [...this.#wanted].filter(([contract]) => !this.#covered.has(contract));
    this.#covered = new Set();
    return new Map(missing.map(([contract, wantedTime]) => [contract, this.#coveredTime.get(contract) ?? wantedTime]));
  }
}
