import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../../..");

export interface Page {
  /** From the project's root: `docs/api.md`. */
  readonly path: string;
  /** As it stands in the file. */
  readonly text: string;
  /** Without fenced code, in which `#` and `[]` mean something else. */
  readonly prose: string;
}

export interface CodeBlock {
  /** What follows the fence: `sh`, `ts`, `sql daily`. */
  readonly info: string;
  readonly text: string;
}

const FENCED = /^```(.*)\n([\s\S]*?)^```$/gm;

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, prose: text.replaceAll(FENCED, "") };
}

/** Every Markdown file of the project. */
export function allPages(): readonly Page[] {
  return projectFiles()
    .filter((path) => path.endsWith(".md"))
    .map(readPage);
}

/** Every file of the project: what .gitignore names, and folders that begin with a full stop, are none of it. */
export function projectFiles(folder = "."): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (IGNORED.has(path) || IGNORED.has(entry.name)) return [];
    if (!entry.isDirectory()) return [path];
    return entry.name.startsWith(".") && entry.name !== ".ci" ? [] : projectFiles(path);
  });
}

const IGNORED: ReadonlySet<string> = new Set(
  readFileSync(join(ROOT, ".gitignore"), "utf8")
    .split("\n")
    .map((line) => line.replace(/\/$/, "")),
);

export function codeBlocks({ text }: Page): readonly CodeBlock[] {
  return [...text.matchAll(FENCED)].map(([, info = "", block = ""]) => ({ info, text: block }));
}

/** The part of a page from one heading to the next of the same rank or a higher one. */
export function section(page: Page, heading: string): string {
  const lines = page.text.split("\n");
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`${page.path} has no heading ${heading}`);
  const rank = heading.indexOf(" ");
  const length = lines.slice(from + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(" ") <= rank);
  return lines.slice(from, length < 0 ? undefined : from + 1 + length).join("\n");
}

/** The targets of links and images; those in code are none. */
export function linkTargets({ prose }: Page): readonly string[] {
  return [...prose.replaceAll(/`[^`\n]*`/g, "`").matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** What a heading is linked by, as GitHub makes it. */
export function anchors({ prose }: Page): ReadonlySet<string> {
  const found = new Map<string, number>();
  const names = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
    const times = found.get(name) ?? 0;
    found.set(name, times + 1);
    return times === 0 ? name : `${name}-${times}`;
  });
  return new Set(names);
}

/** The file a relative link leads to, from the project's root, and the anchor in it. */
export function targetOf(page: Page, link: string): { readonly path: string; readonly anchor: string } {
  const [path = "", anchor = ""] = link.split("#", 2);
  const file = path === "" ? page.path : relative(ROOT, join(ROOT, dirname(page.path), path));
  return { path: file, anchor };
}
