/** How often progress is printed where nobody can see a line change. */
const PLAIN_INTERVAL_MS = 15_000;
const REDRAW_INTERVAL_MS = 1_000;
const CLEAR_LINE = "\r\u001B[2K";

/** What a person sees of a long run: texts one after the other, and below them one line that says how far it is. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #line: (() => string) | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  print(text: string): void {
    this.#out.write(this.#isLive ? `${CLEAR_LINE}${text}\n` : `${text}\n`);
    this.#draw();
  }

  /** Shows a line that changes: rewritten in place on a terminal, else printed now and then. */
  follow(line: () => string): void {
    this.rest();
    this.#line = line;
    this.#timer = setInterval(() => this.#tick(), this.#out.isTTY ? REDRAW_INTERVAL_MS : PLAIN_INTERVAL_MS);
    this.#draw();
  }

  /** Ends the changing line. */
  rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#isLive) this.#out.write(CLEAR_LINE);
    [this.#timer, this.#line] = [null, null];
  }

  get #isLive(): boolean {
    return this.#line !== null && this.#out.isTTY;
  }

  #tick(): void {
    if (this.#out.isTTY) this.#draw();
    else if (this.#line !== null) this.#out.write(`${this.#line()}\n`);
  }

  #draw(): void {
    if (this.#line !== null && this.#out.isTTY) this.#out.write(`${CLEAR_LINE}${this.#line().slice(0, this.#out.columns - 1)}`);
  }
}
