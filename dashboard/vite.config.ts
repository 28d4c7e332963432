import { defineConfig } from "vite";

/**
 * The dashboard, a plain client build. `scripts/build-assets.ts` writes the outcome into `dashboard/public`; `npm run dev`
 * serves it with reload in front of a local Worker.
 */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  cacheDir: "../node_modules/.vite/dashboard",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    assetsDir: "app",
    // Inlined data would be refused by the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
