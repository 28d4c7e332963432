import { describe, expect, test } from "vitest";
import { markdownToHtml } from "../../../scripts/pages/markdown.ts";
import { REFERENCE_PAGES, referenceFiles } from "../../../scripts/pages/reference-pages.ts";
import { ROOT } from "../documents/markdown.ts";

const toHtml = (...lines: readonly string[]) => markdownToHtml(lines.join("\n"), (target) => (target.startsWith("../") ? null : target));

describe("Markdown becomes HTML:", () => {
  test.each([
    [
      "a heading with GitHub's anchor",
      ["## What a read costs, `GET` too"],
      '<h2 id="what-a-read-costs-get-too">What a read costs, <code>GET</code> too</h2>',
    ],
    ["a paragraph of several lines", ["One", "two.", "", "Three."], "<p>One\ntwo.</p>\n<p>Three.</p>"],
    [
      "bold and emphasized text with code",
      ["**All `a*b` of it** and *this*."],
      "<p><strong>All <code>a*b</code> of it</strong> and <em>this</em>.</p>",
    ],
    [
      "a link, with code in its text",
      ["See [`x`](#a) and <https://a.example/b>."],
      '<p>See <a href="#a"><code>x</code></a> and <a href="https://a.example/b">https://a.example/b</a>.</p>',
    ],
    ["a link to what is not served, as its text", ["See [the code](../src/a.ts)."], "<p>See the code.</p>"],
    [
      "a table with a bar in code",
      ["| a | b |", "|---|---|", "| `x|y` | z |"],
      '<div class="table"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td>z</td></tr></tbody></table></div>',
    ],
    [
      "a list, an item of two lines, and a list inside",
      ["- One", "  goes on", "  - inner", "- Two"],
      "<ul><li>One\ngoes on\n<ul><li>inner</li></ul></li><li>Two</li></ul>",
    ],
    ["a numbered list", ["1. One", "2. Two"], "<ol><li>One</li><li>Two</li></ol>"],
    ["code unchanged", ["```sh", "a | b && <c> **d**", "```"], "<pre><code>a | b &amp;&amp; &lt;c&gt; **d**</code></pre>"],
    ["a quote", ["> One", "> two"], "<blockquote><p>One\ntwo</p></blockquote>"],
    ["HTML as text, and no comment", ["<!-- hidden -->", "<script>1</script>"], "<p>&lt;script&gt;1&lt;/script&gt;</p>"],
  ])("%s", (_what, lines, html) => {
    expect(toHtml(...lines)).toBe(html);
  });

  test("two headings of one name have two anchors", () => {
    expect(toHtml("# A", "# A")).toContain('id="a-1"');
  });
});

const shown = (html: string) => html.replaceAll(/<pre>[\s\S]*?<\/pre>|<code>[^<]*<\/code>/g, "");

describe("the reference", () => {
  const files = referenceFiles(ROOT);

  test.each([...files.keys()])("%s has no Markdown left and no tag left open", (name) => {
    const html = files.get(name) ?? "";
    expect(shown(html).match(/\]\(|\*\*|^\||`/gm)).toBeNull();
    const open: string[] = [];
    for (const [, slash, tag = ""] of html.matchAll(/<(\/?)([a-z\d]+)(?: [^>]*)?>/g)) {
      if (tag === "meta" || tag === "link") continue;
      if (slash === "") open.push(tag);
      else expect(open.pop()).toBe(tag);
    }
    expect(open).toEqual([]);
  });

  test("every link in it leads to a page and a heading of it, or away", () => {
    const screens = new Set(["/", "/venues", "/docs", "/data", "/reference/"]);
    const broken = [...files].flatMap(([name, html]) =>
      [...html.matchAll(/<a [^>]*href="([^"]+)"/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !/^(?:https?|mailto):/.test(target) && !screens.has(target))
        .filter((target) => {
          const [path = "", anchor] = target.split("#", 2);
          const page = files.get(path === "" ? name : `${path.slice(1)}.html`);
          return page === undefined || (anchor !== undefined && !page.includes(`id="${anchor}"`));
        })
        .map((target) => `${name}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("it runs no script and is styled by one file of ours", () => {
    for (const html of files.values()) {
      expect(html).not.toMatch(/<script|<style| style=|onclick/i);
      expect(html).toContain('<link rel="stylesheet" href="/docs-assets/reference.css" />');
    }
    expect(files.size).toBe(REFERENCE_PAGES.length + 1);
  });
});
