/** Elements whose content is not text of the page, or differs with every request. */
const SKIPPED: ReadonlySet<string> = new Set(["script", "style", "noscript", "template", "svg", "iframe"]);
/** Elements within a line; every other one begins a line of its own. */
const INLINE: ReadonlySet<string> = new Set([
  "a",
  "abbr",
  "b",
  "code",
  "em",
  "font",
  "i",
  "kbd",
  "mark",
  "small",
  "span",
  "strong",
  "sub",
  "sup",
  "u",
  "wbr",
]);
const TAG = /<\/?([a-z][a-z0-9-]*)/iy;
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/**
 * The text of a web page, one line for each block, without markup, scripts and white space, so that nonces and layout do
 * not count as changes. Of a body that is not HTML only the white space changes. Takes time proportional to the length of the body.
 */
export function pageText(body: string, contentType: string): string {
  const isHtml = contentType.includes("html") || /^\s*<(!doctype|html)/i.test(body);
  return (isHtml ? unescaped(withoutMarkup(body)) : body)
    .split("\n")
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\s]+/gu, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

function withoutMarkup(html: string): string {
  // Of ASCII alone: some letters are longer in lower case, and their offsets would not fit the page.
  const lower = html.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) break;
    parts.push(html.slice(at, open));
    const { end, gap } = markupAt(html, lower, open);
    parts.push(gap);
    at = end;
  }
  parts.push(html.slice(at));
  return parts.join("");
}

/** Where the markup that begins at `<` ends, and what stands for it in the text. */
function markupAt(html: string, lower: string, open: number): { readonly end: number; readonly gap: string } {
  if (lower.startsWith("<!--", open)) return { end: after(lower, "-->", open), gap: "" };
  if (lower.startsWith("<!", open) || lower.startsWith("<?", open)) return { end: after(lower, ">", open), gap: "" };
  TAG.lastIndex = open;
  const name = TAG.exec(html)?.[1]?.toLowerCase();
  // A lone sign, as in "a < b".
  if (name === undefined) return { end: open + 1, gap: "<" };
  const end = endOfTag(html, TAG.lastIndex);
  if (SKIPPED.has(name) && lower[open + 1] !== "/" && html[end - 2] !== "/") {
    const close = after(lower, `</${name}`, end);
    return { end: endOfTag(html, close), gap: "\n" };
  }
  return { end, gap: INLINE.has(name) ? "" : "\n" };
}

/** The index behind the next `text`; the end where there is none. */
function after(html: string, text: string, from: number): number {
  const found = html.indexOf(text, from);
  return found < 0 ? html.length : found + text.length;
}

/** The index behind the `>` of a tag; one within quotes does not end it. */
function endOfTag(html: string, from: number): number {
  let quote = "";
  for (let at = from; at < html.length; at += 1) {
    const sign = html[at] ?? "";
    if (quote !== "") {
      if (sign === quote) quote = "";
    } else if (sign === ">") return at + 1;
    else if (sign === '"' || sign === "'") quote = sign;
  }
  return html.length;
}

function unescaped(text: string): string {
  return text.replaceAll(ENTITY, (whole: string, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}
