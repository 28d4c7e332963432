import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { escapeHtml, markdownToHtml } from "./markdown.ts";

/** A page of the documentation that buyers of the data read, as the Worker serves it at `/reference/<name>`. */
interface ReferencePage {
  readonly name: string;
  readonly title: string;
  /** Its Markdown file, from the project's root. */
  readonly source: string;
  readonly says: string;
}

export const REFERENCE_PAGES: readonly ReferencePage[] = [
  {
    name: "data-dictionary",
    title: "Data dictionary",
    source: "docs/data-dictionary.md",
    says: "every field: type, unit, when it is null",
  },
  { name: "methodology", title: "Methodology", source: "docs/methodology.md", says: "how each number is computed, and its weaknesses" },
  { name: "venues", title: "Venues", source: "docs/venues.md", says: "what each venue publishes, and what it leaves out" },
  { name: "known-limits", title: "Known limits", source: "docs/known-limits.md", says: "faults and limits that are known" },
  { name: "api", title: "HTTP API", source: "docs/api.md", says: "operations, errors, limits" },
  { name: "stream", title: "Live stream", source: "docs/stream.md", says: "events as they happen" },
  { name: "webhooks", title: "Webhooks", source: "docs/webhooks.md", says: "events sent to you and to chats" },
  { name: "rules", title: "Own rules", source: "docs/rules.md", says: "conditions of your own, previewed, tested and watched" },
  { name: "clients", title: "Clients", source: "docs/clients.md", says: "packages for TypeScript and Python" },
  { name: "exports", title: "Datasets and exports", source: "docs/exports.md", says: "whole days and any range as files" },
  { name: "ledger", title: "Ledger", source: "docs/ledger.md", says: "how to check that no signal was changed" },
  { name: "keys", title: "Keys and limits", source: "docs/keys.md", says: "scopes, quotas, rotation" },
  { name: "mcp", title: "MCP", source: "docs/mcp.md", says: "the data as tools for language models" },
  { name: "glossary", title: "Glossary", source: "docs/glossary.md", says: "the words of this project" },
  { name: "changelog", title: "Changelog", source: "CHANGELOG.md", says: "what changed, newest first" },
];

const FOLDER = "reference";

/** The files of the pages by name, beneath the folder of static assets. */
export function referenceFiles(root: string): ReadonlyMap<string, string> {
  const pages = REFERENCE_PAGES.map((page) => {
    const text = readFileSync(join(root, page.source), "utf8");
    return [
      `${FOLDER}/${page.name}.html`,
      htmlPage(
        page.title,
        page.name,
        markdownToHtml(text, (target) => resolveLink(page, target)),
      ),
    ] as const;
  });
  return new Map([[`${FOLDER}/index.html`, htmlPage("Reference", null, indexOf())], ...pages]);
}

/** Links between pages stay on the Worker. Files of the project are not served, so their links become text. */
function resolveLink({ source }: ReferencePage, target: string): string | null {
  if (/^(?:https?:|mailto:|#)/.test(target)) return target;
  const [path = "", anchor] = target.split("#", 2);
  const file = posix.normalize(posix.join(posix.dirname(source), path));
  const page = REFERENCE_PAGES.find((one) => one.source === file);
  return page === undefined ? null : `/${FOLDER}/${page.name}${anchor === undefined ? "" : `#${anchor}`}`;
}

function indexOf(): string {
  const pages = REFERENCE_PAGES.map(
    ({ name, title, says }) => `<li><a href="/${FOLDER}/${name}">${escapeHtml(title)}</a>: ${escapeHtml(says)}</li>`,
  );
  return `<h1>Reference</h1>
<ul>
${pages.join("\n")}
<li><a href="/venues">Coverage calendar</a>: when each venue was connected, by hour and day</li>
<li><a href="/docs">Operations</a>: every parameter and answer, to try</li>
<li><a href="/data">Data</a>: the files, and the terms of the operator</li>
</ul>`;
}

function htmlPage(title: string, name: string | null, body: string): string {
  const links = REFERENCE_PAGES.map((page) => {
    const current = page.name === name ? ' aria-current="page"' : "";
    return `<a href="/${FOLDER}/${page.name}"${current}>${escapeHtml(page.title)}</a>`;
  });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escapeHtml(title)} · Liquidations</title>
    <link rel="icon" href="/docs-assets/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/docs-assets/reference.css" />
  </head>
  <body>
    <header>
      <a class="name" href="/">Liquidations</a>
      <nav aria-label="Reference"><a href="/${FOLDER}/">Reference</a> ${links.join(" ")} <a href="/venues">Coverage calendar</a></nav>
    </header>
    <main>
${body}
    </main>
  </body>
</html>
`;
}
