import { configOf } from "../src/config.ts";
import { PICTURE_HEIGHT, PICTURE_WIDTH } from "../src/preview/cascade-picture.ts";
import { cascadePreview, cascadeOfPath } from "./cascade-preview.ts";
import { storedCascade } from "./d1/cascade-reads.ts";
import type { Env } from "./env.ts";

/** The page of an address that nothing answers: it says that there is no such screen. */
export async function missingScreenPage(request: Request, env: Env): Promise<Response> {
  const page = await env.ASSETS.fetch(new Request(new URL("/", request.url)));
  const response = new Response(page.body, { status: 404, headers: page.headers });
  response.headers.delete("ETag");
  return response;
}

/** The page of every screen, with the headers of the assets (`dashboard/public/_headers`), and what a link to it shows elsewhere. */
export async function screenPage(request: Request, env: Env): Promise<Response> {
  const page = await env.ASSETS.fetch(new Request(new URL("/", request.url), { method: request.method }));
  const id = cascadeOfPath(new URL(request.url).pathname);
  // Whoever asks for a preview has no key.
  if (id === null || request.method !== "GET" || !configOf(env).PUBLIC_READ) return new Response(page.body, page);
  // A preview that cannot be made is no reason to refuse the page.
  const cascade = await storedCascade(env.DB, id).catch(() => null);
  if (cascade === null) return new Response(page.body, page);
  const { title, description } = cascadePreview(cascade);
  const response = new HTMLRewriter()
    .on("title", { element: (element) => void element.setInnerContent(title) })
    .on('meta[name="description"]', { element: (element) => void element.setAttribute("content", description) })
    .on("head", {
      element: (element) => void element.append(metaTags(title, description, id, new URL(request.url)), { html: true }),
    })
    .transform(new Response(page.body, page));
  // The tag of the asset is not that of this page.
  response.headers.delete("ETag");
  return response;
}

function metaTags(title: string, description: string, id: string, { origin, pathname }: URL): string {
  const tags = {
    "og:type": "article",
    "og:site_name": "Liquidations",
    "og:title": title,
    "og:description": description,
    "og:url": origin + pathname,
    // Many previews refuse SVG.
    "og:image": `${origin}/v1/cascades/${encodeURIComponent(id)}/image`,
    "og:image:type": "image/png",
    "og:image:width": String(PICTURE_WIDTH),
    "og:image:height": String(PICTURE_HEIGHT),
    "twitter:card": "summary_large_image",
  };
  return Object.entries(tags)
    .map(([name, content]) => `<meta property="${name}" content="${escaped(content)}" />`)
    .join("");
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
