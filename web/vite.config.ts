import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the data: a running `buju serve`.
const server = "http://127.0.0.1:8080";

export default defineConfig({
  build: {
    target: "es2022",
    // The page's policy allows no `data:` URL, so nothing may be inlined as one.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // scripts/sizes.mjs judges the size after gzip.
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      "/plan": server,
      "/collections": server,
      "/tiles": server,
    },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
