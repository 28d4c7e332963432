import { createInterface } from "node:readline/promises";
import { Advice } from "../command-line.ts";

/** The person who deploys, or the log of a CI run. */
export interface Terminal {
  /** Whether somebody can answer. */
  readonly isInteractive: boolean;
  print(line: string): void;
  /** The trimmed answer to a question. Only where somebody can answer. */
  ask(question: string): Promise<string>;
}

export function processTerminal(): Terminal {
  return {
    isInteractive: process.stdin.isTTY && process.stdout.isTTY && process.env["CI"] === undefined,
    print: (line) => console.log(line),
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return (await lines.question(question)).trim();
      } finally {
        lines.close();
      }
    },
  };
}

/**
 * Goes on only where the person agrees.
 * @param fact what was found, a sentence; @param question what to agree to; @param otherwise what to do instead, a clause
 * @throws {Advice} where the answer is no, or nobody can answer
 */
export async function requireConsent(
  { terminal, yes }: { readonly terminal: Terminal; readonly yes: boolean },
  { fact, question, otherwise }: { readonly fact: string; readonly question: string; readonly otherwise: string },
): Promise<void> {
  if (yes) return;
  if (!terminal.isInteractive) throw new Advice(`${fact} ${otherwise}, or run it again with --yes.`);
  terminal.print(fact);
  const answer = await terminal.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw new Advice(`Nothing was changed. ${otherwise}.`);
}
