import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bannedIn } from "./banned-phrases.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Texts {
  readonly openApi: string;
  readonly llms: string;
  readonly instructions: string;
  readonly tools: readonly { readonly name: string; readonly title: string; readonly says: readonly string[] }[];
}

let texts: Texts;
/** Every summary, description and title of the OpenAPI document, with its place. */
let documented: readonly { readonly at: string; readonly kind: string; readonly text: string }[];

const url = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

/** In a process of its own: the Worker's modules need hooks that a test's own loader would bypass. */
function readTexts(): Texts {
  const program = `
    import { openApiText } from ${url("scripts/openapi-document.ts")};
    const openApi = await openApiText();
    const { OPERATIONS } = await import(${url("workers/api/operations.ts")});
    const { llmsText } = await import(${url("workers/api/routes/llms-text.ts")});
    const { INSTRUCTIONS: instructions } = await import(${url("workers/mcp/server.ts")});
    const { TOOLS: tools } = await import(${url("workers/mcp/tools.ts")});
    process.stdout.write(JSON.stringify({ openApi, llms: llmsText(OPERATIONS), instructions, tools }));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8", maxBuffer: 2 ** 26 });
  return JSON.parse(output) as Texts;
}

function textsOf(node: unknown, at = ""): typeof documented {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    // Examples are data, in which a field may be named like a text.
    if (key === "example" || key === "examples") return [];
    const isText = ["summary", "description", "title"].includes(key) && typeof value === "string";
    return isText ? [{ at: `${at}/${key}`, kind: key, text: String(value) }] : textsOf(value, `${at}/${key}`);
  });
}

beforeAll(() => {
  texts = readTexts();
  documented = textsOf(JSON.parse(texts.openApi));
});

describe("the OpenAPI document", () => {
  test("uses no phrase that has to be read twice", () => {
    const found = documented.flatMap(({ at, text }) => bannedIn(text).map((phrase) => `${at}: ${phrase}: ${text}`));
    expect(documented.length).toBeGreaterThan(600);
    expect(found).toEqual([]);
  });

  test("begins every summary, description and title with a capital letter", () => {
    expect(documented.filter(({ text }) => !/^(?:[A-Z`]|\*\*[A-Z])/.test(text))).toEqual([]);
  });

  test("begins with a verb or a noun, and at most 2 % of the texts with a question word", () => {
    const questions = documented.filter(({ text }) => /^(?:What|How|Since|As|Whether|Who|Whose|When|Where|Why)\b/.test(text));
    expect(questions.length / documented.length, JSON.stringify(questions)).toBeLessThanOrEqual(0.02);
  });

  test("names what an operation does in a few words, without a full stop", () => {
    const summaries = documented.filter(({ at, kind }) => kind === "summary" && at.startsWith("/paths/"));
    expect(summaries.length).toBeGreaterThan(35);
    for (const { at, text } of summaries) {
      expect(text, at).toMatch(/^[A-Z][^.]{5,60}$/);
      expect(text, at).toMatch(
        /^(?:List|Get|Create|Update|Delete|Download|Estimate|Check|Compare|Verify|Send|Rotate|Enable|Replay|Revoke)\b/,
      );
    }
  });
});

describe("the texts for language models", () => {
  test("llms.txt uses no phrase that has to be read twice", () => {
    expect(texts.llms.split("\n").flatMap((line) => bannedIn(line).map((phrase) => `${phrase}: ${line}`))).toEqual([]);
  });

  test("the tools and instructions of the MCP server neither, and each tool says what it does", () => {
    const says = [texts.instructions, ...texts.tools.flatMap((tool) => [tool.title, ...tool.says])];
    expect(says.flatMap((text) => bannedIn(text).map((phrase) => `${phrase}: ${text}`))).toEqual([]);
    for (const tool of texts.tools) {
      expect(tool.title, tool.name).toMatch(/^(?:List|Get|Compare|Check|Create)\b[^.]{4,50}$/);
      expect(tool.says[0], tool.name).toMatch(/^[A-Z]/);
    }
  });
});

/** The banned phrases in the texts of all files in these folders. */
function foundIn(folders: readonly string[], textsIn: (source: string) => readonly string[]): readonly string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/node_modules|\/dist\//.test(name))
      .map((name) => `${folder}/${name}`),
  );
  expect(files.length).toBeGreaterThan(200);
  return files.flatMap((file) =>
    textsIn(readFileSync(join(ROOT, file), "utf8")).flatMap((text) => bannedIn(text).map((phrase) => `${file}: ${phrase}: ${text}`)),
  );
}

describe("the texts in the code", () => {
  const LITERAL = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;
  const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
  const SQL = /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE)\b/i;

  function literalsOf(source: string): readonly string[] {
    return [...source.replaceAll(COMMENT, "").matchAll(LITERAL)]
      .map(([literal]) => literal.replaceAll(/\$\{[^}]*\}/g, "…"))
      .filter((literal) => literal.includes(" ") && !SQL.test(literal));
  }

  function commentsOf(source: string): readonly string[] {
    return [...source.matchAll(COMMENT)].map(([comment]) => comment.replaceAll(/\s*\n\s*\*?\s*/g, " "));
  }

  test("messages, log entries and problem details use no phrase that has to be read twice", () => {
    expect(foundIn(["src", "durable-objects", "workers", "scripts", "clients"], literalsOf)).toEqual([]);
  });

  test("comments use none either", () => {
    expect(foundIn(["src", "durable-objects", "workers", "scripts", "clients"], commentsOf)).toEqual([]);
  });
});
