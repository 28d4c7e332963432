import { readFileSync } from "node:fs";

const PAGE = readFileSync(new URL("../../../docs/growing.md", import.meta.url), "utf8");
const BLOCK = /^```(\S+) (\S+)\n([\s\S]*?)^```$/gm;

const blocks = new Map([...PAGE.matchAll(BLOCK)].map(([, language, name, text]) => [name, { language, text: text ?? "" }]));

/** The text of the block of docs/growing.md that has this name after its language. */
export function block(name: string): string {
  const found = blocks.get(name);
  if (found === undefined) throw new Error(`docs/growing.md has no block named ${name}; it has ${[...blocks.keys()].join(", ")}`);
  return found.text;
}

/** The names of all blocks in a language. */
export function blockNames(language: string): readonly (string | undefined)[] {
  return [...blocks].filter(([, found]) => found.language === language).map(([name]) => name);
}
