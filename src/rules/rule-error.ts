/** A rule that cannot be read: where, why, and what is allowed there. */
export class RuleError extends Error {
  override readonly name = "RuleError";
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** The message without the place. */
  readonly reason: string;
  /** Names that were most likely meant, best first. */
  readonly nearest: readonly string[];

  constructor(text: string, offset: number, reason: string, nearest: readonly string[] = []) {
    const before = text.slice(0, offset).split("\n");
    const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
    super(`line ${line}, column ${column}: ${reason}`);
    this.line = line;
    this.column = column;
    this.reason = reason;
    this.nearest = nearest;
  }
}
