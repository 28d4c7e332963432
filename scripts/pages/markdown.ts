/**
 * Markdown as the pages of this project are written, as HTML: headings with the anchors of GitHub, paragraphs, lists, tables, fenced
 * code, quotes, and inside of them code, bold text and links. Everything else is text and is escaped.
 */

/** Where a link leads on the rendered page; null where it leads nowhere there, so that only its text is shown. */
export type ResolveLink = (target: string) => string | null;

type Lines = readonly string[];

interface Block {
  readonly html: string;
  /** Number of lines that the block takes. */
  readonly taken: number;
}

/** Reads the block that begins with the first line; null where the lines begin with another kind. */
type ReadBlock = (lines: Lines, page: PageState) => Block | null;

interface PageState {
  readonly resolve: ResolveLink;
  /** How often each anchor was used. */
  readonly anchors: Map<string, number>;
}

const FENCE = /^```(.*)$/;
const HEADING = /^(#{1,6}) (.+)$/;
const ITEM = /^( *)([-*]|\d+\.) +(.*)$/;
const BEGINS_BLOCK = /^(?:```|#{1,6} |\||> | *(?:[-*]|\d+\.) |<!--)/;

export function markdownToHtml(text: string, resolve: ResolveLink): string {
  return blocks(text.split("\n"), { resolve, anchors: new Map() });
}

function blocks(lines: Lines, page: PageState): string {
  const html: string[] = [];
  for (let at = 0; at < lines.length;) {
    const rest = lines.slice(at);
    if (rest[0]?.trim() === "") {
      at += 1;
      continue;
    }
    const block = readBlock(rest, page);
    html.push(block.html);
    at += block.taken;
  }
  return html.filter((part) => part !== "").join("\n");
}

function readBlock(lines: Lines, page: PageState): Block {
  for (const read of [comment, fenced, heading, table, quote, list] satisfies ReadBlock[]) {
    const block = read(lines, page);
    if (block !== null) return block;
  }
  return paragraph(lines, page);
}

function comment(lines: Lines): Block | null {
  if (lines[0]?.startsWith("<!--") !== true) return null;
  return { html: "", taken: lines.findIndex((line) => line.includes("-->")) + 1 || lines.length };
}

function fenced(lines: Lines): Block | null {
  if (!FENCE.test(lines[0] ?? "")) return null;
  const length = lines.slice(1).findIndex((line) => line.startsWith("```"));
  const code = lines.slice(1, length < 0 ? undefined : length + 1);
  return { html: `<pre><code>${escapeHtml(code.join("\n"))}</code></pre>`, taken: code.length + 2 };
}

function heading(lines: Lines, page: PageState): Block | null {
  const [, marks = "", text = ""] = HEADING.exec(lines[0] ?? "") ?? [];
  if (marks === "") return null;
  const rank = marks.length;
  return { html: `<h${rank} id="${anchorOf(text, page)}">${inline(text, page)}</h${rank}>`, taken: 1 };
}

/** The anchor that GitHub gives a heading. */
function anchorOf(text: string, { anchors }: PageState): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
  const times = anchors.get(name) ?? 0;
  anchors.set(name, times + 1);
  return times === 0 ? name : `${name}-${times}`;
}

function table(lines: Lines, page: PageState): Block | null {
  const length = lines.findIndex((line) => !line.startsWith("|"));
  const rows = lines.slice(0, length < 0 ? undefined : length).map(cells);
  const [head, rule, ...body] = rows;
  if (head === undefined || rule?.every((cell) => /^:?-+:?$/.test(cell)) !== true) return null;
  const row = (tag: "td" | "th") => (found: readonly string[]) =>
    `<tr>${found.map((cell) => `<${tag}>${inline(cell, page)}</${tag}>`).join("")}</tr>`;
  const html = `<div class="table"><table><thead>${row("th")(head)}</thead><tbody>${body.map(row("td")).join("")}</tbody></table></div>`;
  return { html, taken: rows.length };
}

/** The cells of a row; a bar in code or after a backslash is text. */
function cells(line: string): readonly string[] {
  const parts =
    line
      .replace(/^\|/, "")
      .replace(/\|\s*$/, "")
      .match(/(?:\\\||`[^`]*`|[^|])+|(?<=\|)(?=\|)/g) ?? [];
  return parts.map((part) => part.trim().replaceAll(String.raw`\|`, "|"));
}

function quote(lines: Lines, page: PageState): Block | null {
  const length = lines.findIndex((line) => !line.startsWith(">"));
  const quoted = lines.slice(0, length < 0 ? undefined : length);
  if (quoted.length === 0) return null;
  return {
    html: `<blockquote>${blocks(
      quoted.map((line) => line.replace(/^> ?/, "")),
      page,
    )}</blockquote>`,
    taken: quoted.length,
  };
}

function list(lines: Lines, page: PageState): Block | null {
  const [, indent = "", mark = ""] = ITEM.exec(lines[0] ?? "") ?? [];
  if (mark === "") return null;
  const isItem = (line: string) => ITEM.exec(line)?.[1]?.length === indent.length;
  const isInside = (line: string) => line.trim() === "" || line.startsWith(`${indent}  `);
  const length = lines.findIndex((line) => !isItem(line) && !isInside(line));
  const taken = lines.slice(0, length < 0 ? undefined : length);
  const starts = taken.flatMap((line, at) => (isItem(line) ? [at] : []));
  const items = starts.map((from, at) => item(taken.slice(from, starts[at + 1]), page));
  const tag = /\d/.test(mark) ? "ol" : "ul";
  return { html: `<${tag}>${items.join("")}</${tag}>`, taken: taken.length };
}

function item([first = "", ...rest]: Lines, page: PageState): string {
  const [, , , text = ""] = ITEM.exec(first) ?? [];
  const width = first.length - text.length;
  const inside = [text, ...rest.map((line) => line.slice(Math.min(width, line.search(/\S|$/))))];
  // An item of one paragraph has no paragraph of its own.
  return `<li>${blocks(inside, page).replace(/^<p>([\s\S]*?)<\/p>/, "$1")}</li>`;
}

function paragraph(lines: Lines, page: PageState): Block {
  const length = lines.findIndex((line, at) => at > 0 && (line.trim() === "" || BEGINS_BLOCK.test(line)));
  const text = lines.slice(0, length < 0 ? undefined : length);
  return { html: `<p>${inline(text.map((line) => line.trim()).join("\n"), page)}</p>`, taken: text.length };
}

/** Code, links, images (as links), bold and emphasized text, and addresses between angle brackets. */
const INLINE =
  /`([^`]+)`|!?\[((?:`[^`]*`|[^\]])*)\]\(([^)\s]+)\)|\*\*((?:`[^`]*`|[^*`]|\*(?!\*))+)\*\*|(?<!\w)\*([^\s*](?:[^*]*[^\s*])?)\*(?!\w)|<(https?:\/\/[^>\s]+)>/g;

function inline(text: string, page: PageState): string {
  let html = "";
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, label, target = "", bold, emphasized, address] = found;
    html += escapeHtml(text.slice(end, found.index));
    end = found.index + whole.length;
    if (code !== undefined) html += `<code>${escapeHtml(code)}</code>`;
    else if (label !== undefined) html += linked(inline(label, page), page.resolve(target));
    else if (bold !== undefined) html += `<strong>${inline(bold, page)}</strong>`;
    else if (emphasized !== undefined) html += `<em>${inline(emphasized, page)}</em>`;
    else if (address !== undefined) html += linked(escapeHtml(address), address);
  }
  return html + escapeHtml(text.slice(end));
}

function linked(label: string, target: string | null): string {
  return target === null ? label : `<a href="${escapeHtml(target)}">${label}</a>`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
