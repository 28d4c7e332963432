import { expect, test } from "vitest";
import { pageText } from "../../../src/venue-watch/page-text.ts";

const HTML = "text/html; charset=utf-8";

const page = (nonce: string) => `<!DOCTYPE html><html><head><title>Change log</title><style>p > a { color: red }</style>
    <script nonce="${nonce}">if (1 < 2) document.write("</p>");</script></head><body data-build='${nonce} > 1'><!-- ${nonce} <p>gone</p> -->
    <h2>2026-09-30</h2><p>Port&nbsp;<b>8443</b> ends &amp; 443 stays: 1 < 2, &#8364;5, &#x1F600;</p><SCRIPT src=x></SCRIPT
    ><svg><text>drawn</text></svg><ul><li>one</li><li>two</li></ul></body></html>`;

test("a page's text is that of its blocks, without scripts, styles, comments, nonces and white space", () => {
  const text = pageText(page("aaa"), HTML);
  expect(text.split("\n")).toEqual(["Change log", "2026-09-30", "Port 8443 ends & 443 stays: 1 < 2, €5, 😀", "one", "two"]);
  expect(pageText(page("bbb"), HTML)).toBe(text);
});

test("letters that are longer in lower case move nothing", () => {
  const html = "<p>\u0130\u0130\u0130 \u0130stanbul</p><SCRIPT>a()</SCRIPT><p>Port 8443 ends</p><!-- b --><p>c</p>";
  expect(pageText(html, HTML).split("\n")).toEqual(["\u0130\u0130\u0130 \u0130stanbul", "Port 8443 ends", "c"]);
});

test("Markdown and plain text stay as they are, without empty lines and hidden characters", () => {
  expect(pageText("# Log\r\n\r\n* a <b> c\t d\u202e\n", "text/markdown")).toBe("# Log\n* a <b> c d");
});

test("what never ends takes the rest of the page, and no more than a moment", () => {
  expect(pageText("<p>a</p><script>b", HTML)).toBe("a");
  expect(pageText("<p>a</p><a href='b", HTML)).toBe("a");
  expect(pageText("a<!-- b", HTML)).toBe("a");
  for (const piece of ["<script>", "<", "<a '", "<!--", "&#"]) expect(pageText(piece.repeat(300_000), HTML).length).toBeLessThan(800_000);
});

test("an entity that stands for no character stays", () => {
  expect(pageText("<p>&#0; &#xD800; &#x110000; &unknown;</p>", HTML)).toBe("&#0; &#xD800; &#x110000; &unknown;");
});
