// Prints what the browser has to load before the first map, after gzip, and fails above the budget.

import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1000;
const BUDGET_KB = { ".js": 140, ".css": 12 };

const dist = new URL("../dist/", import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

const totals = { ".js": 0, ".css": 0 };
let failed = false;
for (const file of files) {
  const kind = extname(file);
  if (kind === ".map") {
    console.error(`${file}: source maps are not shipped`);
    failed = true;
  }
  const size = gzipSync(readFileSync(file), { level: 9 }).length;
  if (kind in totals) totals[kind] += size;
  console.log(`${(size / KB).toFixed(1).padStart(7)} KB gzip  ${file.slice(dist.length)}`);
}
for (const [kind, budget] of Object.entries(BUDGET_KB)) {
  const total = totals[kind] / KB;
  const fits = total > 0 && total <= budget;
  console.log(`${total.toFixed(1).padStart(7)} of ${budget} KB for ${kind}${fits ? "" : "  OVER BUDGET"}`);
  if (!fits) failed = true;
}
process.exit(failed ? 1 : 0);
