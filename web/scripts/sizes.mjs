// Prints what the browser has to load before the first map, after gzip, and fails above the budget. What is fetched
// when it is first used is listed apart.

import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1000;
const BUDGET_KB = { ".js": 140, ".css": 12 };

const dist = new URL("../dist/", import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

// The page names its scripts and styles, and the scripts what they import at once.
const first = new Set();
const visit = (file) => {
  if (first.has(file) || !files.includes(file)) return;
  first.add(file);
  const text = readFileSync(file, "utf8");
  const named =
    extname(file) === ".js"
      ? text.matchAll(/(?:^|[;}])(?:import|export)\b[^;"'()]*?["']\.\/([^"']+)["']/g)
      : text.matchAll(/(?:src|href)="\.?\/assets\/([^"]+)"/g);
  for (const [, name] of named) visit(join(dist, "assets", name));
};
visit(join(dist, "index.html"));

const totals = { ".js": 0, ".css": 0 };
let later = 0;
let failed = false;
for (const file of files) {
  const kind = extname(file);
  if (kind === ".map") {
    console.error(`${file}: source maps are not shipped`);
    failed = true;
  }
  const size = gzipSync(readFileSync(file), { level: 9 }).length;
  // Styles are few and count wherever they are.
  const counts = kind === ".css" || first.has(file);
  if (counts && kind in totals) totals[kind] += size;
  if (!counts) later += size;
  console.log(
    `${(size / KB).toFixed(1).padStart(7)} KB gzip  ${file.slice(dist.length)}${counts ? "" : "  (later)"}`,
  );
}
console.log(`${(later / KB).toFixed(1).padStart(7)} KB later, on use`);
for (const [kind, budget] of Object.entries(BUDGET_KB)) {
  const total = totals[kind] / KB;
  const fits = total > 0 && total <= budget;
  console.log(`${total.toFixed(1).padStart(7)} of ${budget} KB for ${kind}${fits ? "" : "  OVER BUDGET"}`);
  if (!fits) failed = true;
}
process.exit(failed ? 1 : 0);
