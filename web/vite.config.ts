import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the data: a running `buju serve`.
const server = "http://127.0.0.1:8080";

// What OpenLayers brings along on every page and this one never uses: styles written as data and the expressions in
// them, its own buttons, and UTM. It is a tenth of the first map. Whoever comes to use them is told.
const LEFT_OUT: Record<string, string> = {
  "ol/render/canvas/style.js": `export function flatStyleLikeToStyleFunction() {
    throw new Error("flat styles are left out of this build: see vite.config.ts");
  }`,
  "ol/control/defaults.js": `import Collection from "../Collection.js";
    export const defaults = () => new Collection();`,
  "ol/proj/utm.js": `export const makeProjection = () => null;
    export const makeTransforms = () => null;`,
};

const leaveOut = {
  name: "leave-out",
  enforce: "pre" as const,
  load(id: string) {
    const file = Object.keys(LEFT_OUT).find((one) => id.endsWith(`/node_modules/${one}`));
    return file ? LEFT_OUT[file] : null;
  },
};

export default defineConfig({
  // The page may lie below a path: its files name each other by where they are themselves.
  base: "./",
  plugins: [leaveOut],
  build: {
    target: "es2022",
    // The page's policy allows no `data:` URL, so nothing may be inlined as one.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // Everything that the first map needs is one file, and what is fetched later imports from it: in a dozen small
    // ones it would be a dozen requests, and compress worse.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "first", test: /\/src\/main\.tsx$/ }] } },
    },
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
