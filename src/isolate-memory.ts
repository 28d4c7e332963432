let forgotten = 0;

/**
 * A cache or count that an isolate keeps from request to request. The platform may start a new isolate at any time, so nothing
 * depends on what is kept.
 */
export class IsolateMemory<Kept extends object> {
  readonly #make: () => Kept;
  #kept: Kept;
  #forgotten = forgotten;

  constructor(make: () => Kept) {
    this.#make = make;
    this.#kept = make();
  }

  get kept(): Kept {
    if (this.#forgotten !== forgotten) this.#kept = this.#make();
    this.#forgotten = forgotten;
    return this.#kept;
  }
}

/** Empties every memory, as a new isolate has them: for tests, which empty the storage of the isolate that they share. */
export function forgetIsolate(): void {
  forgotten += 1;
}
