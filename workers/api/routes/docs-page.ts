export const DOCS_PATH = "/docs";

/** The page runs only our own scripts and requests only our own origin. The icons of Swagger UI are data URLs. */
export const DOCS_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

const ASSETS = "/docs-assets";

/** The page around Swagger UI, whose files are static assets that `scripts/build-assets.ts` writes. */
export function docsPage(): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Liquidations API</title>
    <link rel="icon" href="${ASSETS}/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${ASSETS}/swagger-ui.css" />
    <link rel="stylesheet" href="${ASSETS}/docs.css" />
    <script src="${ASSETS}/swagger-ui-bundle.js" defer></script>
    <script src="${ASSETS}/docs.js" defer></script>
  </head>
  <body>
    <header class="docs-header">
      <a class="docs-name" href="/">Liquidations</a>
      <nav>
        <a href="/docs/stream">live stream</a>
        <a href="/reference/">reference</a>
        <a href="/openapi.json">openapi.json</a>
        <a href="/liquidations-api.d.ts">TypeScript types</a>
        <a href="/llms.txt">llms.txt</a>
      </nav>
    </header>
    <main id="docs"><noscript>This page needs JavaScript. The OpenAPI document is <a href="/openapi.json">openapi.json</a>.</noscript></main>
  </body>
</html>
`;
}
